//! Words of mounts and of class parameters.

use crate::code;

code! {
    /// Name of a mount option.
    MountOption {
        /// NFS or SMB version.
        Vers = "vers",
        /// NFS version.
        Nfsvers = "nfsvers",
        /// Transport.
        Proto = "proto",
        /// Bytes of a read.
        Rsize = "rsize",
        /// Bytes of a write.
        Wsize = "wsize",
        /// Connections.
        Nconnect = "nconnect",
        /// Tries for ever.
        Hard = "hard",
        /// Gives up: a write can be lost.
        Soft = "soft",
        /// Gives up with another error.
        Softerr = "softerr",
        /// Tenths of a second before another try.
        Timeo = "timeo",
        /// Tries before giving up or warning.
        Retrans = "retrans",
        /// Tells the device what is free.
        Discard = "discard",
        /// Does not.
        Nodiscard = "nodiscard",
        /// No access times.
        Noatime = "noatime",
        /// No access times of folders.
        Nodiratime = "nodiratime",
        /// Few access times.
        Relatime = "relatime",
        /// Read-only.
        Ro = "ro",
        /// Writable.
        Rw = "rw",
        /// Every write waits.
        Sync = "sync",
        /// Writes do not wait.
        Async = "async",
        /// No lock manager.
        Nolock = "nolock",
        /// Locks that stay on the node.
        LocalLock = "local_lock",
        /// Cache of names.
        Lookupcache = "lookupcache",
        /// Time that attributes are cached.
        Actimeo = "actimeo",
        /// No cache of attributes.
        Noac = "noac",
        /// No check at open.
        Nocto = "nocto",
        /// Any source port.
        Noresvport = "noresvport",
        /// Security flavour.
        Sec = "sec",
        /// Port.
        Port = "port",
        /// Waits for the network.
        Netdev = "_netdev",
        /// No barriers: a crash can corrupt the file system.
        Nobarrier = "nobarrier",
        /// Mounts copies with the same id.
        Nouuid = "nouuid",
        /// Wide inode numbers.
        Inode64 = "inode64",
        /// SMB cache.
        Cache = "cache",
        /// SMB encryption.
        Seal = "seal",
        /// Owner of all files.
        Uid = "uid",
        /// Group of all files.
        Gid = "gid",
        /// Mode of folders.
        DirMode = "dir_mode",
        /// Mode of files.
        FileMode = "file_mode",
        /// Name of an account; the name stays on site.
        Username = "username",
        /// A password in clear text; it stays on site.
        Password = "password",
        /// A file with a password.
        Credentials = "credentials",
    }
}

code! {
    /// Value of a mount option that is a version or a transport.
    MountWord {
        /// 2.
        V2 = "2",
        /// 3.
        V3 = "3",
        /// 4.
        V4 = "4",
        /// 4.0.
        V40 = "4.0",
        /// 4.1.
        V41 = "4.1",
        /// 4.2.
        V42 = "4.2",
        /// SMB 1.
        Smb1 = "1.0",
        /// SMB 2.
        Smb20 = "2.0",
        /// SMB 2.1.
        Smb21 = "2.1",
        /// SMB 3.
        Smb30 = "3.0",
        /// SMB 3.1.1.
        Smb311 = "3.1.1",
        /// TCP.
        Tcp = "tcp",
        /// TCP over IPv6.
        Tcp6 = "tcp6",
        /// UDP.
        Udp = "udp",
        /// UDP over IPv6.
        Udp6 = "udp6",
        /// RDMA.
        Rdma = "rdma",
        /// RDMA over IPv6.
        Rdma6 = "rdma6",
    }
}

code! {
    /// File system that a node makes on a block volume.
    FileSystem {
        /// ext3.
        Ext3 = "ext3",
        /// ext4.
        Ext4 = "ext4",
        /// XFS.
        Xfs = "xfs",
        /// Btrfs.
        Btrfs = "btrfs",
        /// NFS: none is made.
        Nfs = "nfs",
        /// SMB: none is made.
        Cifs = "cifs",
    }
}
