//! The kinds of pseudonym: equality holds only inside one kind.

use std::borrow::Cow;
use std::marker::PhantomData;

use crate::schema::{Cell, Class, Field, Kind};

/// A kind of pseudonym. Implemented by the marker types of this module and nowhere else.
pub trait TokenKind {
    /// Name of the kind: the prefix of flat tokens and the input of the key derivation.
    const NAME: &'static str;
}

/// A name as it may leave the site. Only [`super::Redactor`] makes one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token<K>(Box<str>, PhantomData<K>);

impl<K: TokenKind> Token<K> {
    pub(super) fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into(), PhantomData)
    }

    /// The exported text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<K: TokenKind> Field for Token<K> {
    const KIND: Kind = Kind::Text;
    const CLASS: Class = Class::Token(K::NAME);
    fn cell(&self) -> Option<Cell<'_>> {
        Some(Cell::Text(Cow::Borrowed(&self.0)))
    }
}

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $marker:ident, $alias:ident = $name:literal;)+) => {
        /// Marker types, one a kind.
        pub mod marker {
            $($(#[doc = $doc])+ #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)] pub struct $marker;)+
        }
        $(
            impl TokenKind for marker::$marker { const NAME: &'static str = $name; }
            $(#[doc = $doc])+
            pub type $alias = Token<marker::$marker>;
        )+
        /// Names of all kinds, for key derivation and for recognising tokens.
        pub const KINDS: &[&str] = &[$($name,)+];
    };
}

kinds! {
    /// Appliance: the identity of a TrueNAS system, from the guid of its oldest pool.
    ApplianceKind, ApplianceId = "appliance";
    /// VolumeAttributesClass.
    AttributesClassKind, AttributesClass = "vac";
    /// Backup or backup schedule of Velero.
    BackupKind, BackupName = "backup";
    /// iSCSI target or extent name, assets name, the part of an IQN after the first `:`; lower case.
    AssetKind, Asset = "asset";
    /// Name of a persistent volume claim.
    ClaimKind, Claim = "claim";
    /// Name the operator gave to a cluster.
    ClusterKind, ClusterName = "cluster";
    /// Share context as canonical JSON.
    ContextKind, Context = "ctx";
    /// Name of a device of the appliance, such as a disk.
    DeviceKind, Device = "dev";
    /// Identity of a disk, as the appliance keeps it.
    DiskKind, DiskId = "disk";
    /// DNS name, chained from the right.
    DnsKind, DnsName = "dns";
    /// Name of a CSI driver.
    DriverKind, Driver = "drv";
    /// Dataset path, chained component by component.
    DatasetKind, DatasetPath = "ds";
    /// Dataset path with `/` replaced by `-`, as truenas-csi writes it.
    FlatKind, FlatPath = "flat";
    /// Name of a field that no interface of the servers has.
    FieldKind, FieldToken = "field";
    /// ZFS guid.
    GuidKind, Guid = "guid";
    /// VolumeGroupSnapshotClass.
    GroupSnapshotClassKind, GroupSnapshotClass = "vgsclass";
    /// VolumeGroupSnapshot.
    GroupSnapshotKind, GroupSnapshotName = "vgs";
    /// Whole volume or snapshot handle.
    HandleKind, Handle = "handle";
    /// IP address or DNS name; the prefix tells which.
    HostKind, Host = "host";
    /// Driver instance id.
    InstanceKind, Instance = "inst";
    /// IPv4 address.
    Ip4Kind, Ip4 = "ip4";
    /// IPv6 address.
    Ip6Kind, Ip6 = "ip6";
    /// Part of an IQN before the first `:`, lower case.
    IqnBaseKind, IqnBase = "iqnbase";
    /// PV name, volume handle without slash, last path component, snapshot name: one name space.
    LeafKind, Leaf = "leaf";
    /// IP network.
    NetworkKind, Network = "net";
    /// Name of a node.
    NodeKind, NodeName = "node";
    /// NVMe qualified name.
    NqnKind, Nqn = "nqn";
    /// Name of a pod.
    PodKind, PodName = "pod";
    /// Namespace.
    NamespaceKind, Namespace = "ns";
    /// Storage class.
    StorageClassKind, StorageClass = "sc";
    /// Snapshot naming schema.
    SchemaKind, Schema = "schema";
    /// Serial number or worldwide name of hardware.
    SerialKind, Serial = "serial";
    /// Name of an SMB share.
    SmbKind, SmbName = "smb";
    /// Claim name without its ordinal.
    StemKind, Stem = "stem";
    /// Name of a deployment, stateful set, virtual machine or another owner of pods.
    WorkloadNameKind, WorkloadName = "workload";
    /// Unique id that is not a version-4 UUID.
    UidKind, UidToken = "uid";
    /// VolumeSnapshot.
    SnapshotKind, SnapshotName = "vs";
    /// VolumeSnapshotContent.
    ContentKind, ContentName = "vsc";
    /// VolumeSnapshotClass.
    SnapshotClassKind, SnapshotClass = "vsclass";
}
