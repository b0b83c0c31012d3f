//! Which parts of a name stay readable: random UUIDs, dates, and a closed list of platform words.

/// Whether text is a lower-case version-4 UUID.
///
/// Other UUID versions hold a MAC address or a clock, and other spellings may be chosen by a person: they are hashed.
pub fn is_uuid_v4(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => *byte == b'-',
            14 => *byte == b'4',
            19 => matches!(byte, b'8' | b'9' | b'a' | b'b'),
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

/// The UUID of a name that Kubernetes sidecars made: `pvc-`, `snapshot-` or `prime-` and a version-4 UUID.
pub fn sidecar_uuid(name: &str) -> Option<&str> {
    ["pvc-", "snapshot-", "prime-"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .filter(|rest| is_uuid_v4(rest))
}

/// Exact names that every installation has; never a prefix.
pub(super) fn is_platform_namespace(name: &str) -> bool {
    PLATFORM_NAMESPACES.binary_search(&name).is_ok()
}

const PLATFORM_NAMESPACES: &[&str] = &[
    "default",
    "kube-node-lease",
    "kube-public",
    "kube-system",
    "openshift",
    "openshift-adp",
    "openshift-apiserver",
    "openshift-authentication",
    "openshift-cluster-csi-drivers",
    "openshift-cluster-storage-operator",
    "openshift-cnv",
    "openshift-config",
    "openshift-console",
    "openshift-etcd",
    "openshift-image-registry",
    "openshift-ingress",
    "openshift-kube-apiserver",
    "openshift-logging",
    "openshift-machine-api",
    "openshift-monitoring",
    "openshift-operators",
    "openshift-storage",
    "openshift-user-workload-monitoring",
    "openshift-virtualization-os-images",
];

/// Names of CSI drivers that ship under these names.
pub(super) fn is_known_driver(name: &str) -> bool {
    KNOWN_DRIVERS.binary_search(&name).is_ok()
}

const KNOWN_DRIVERS: &[&str] = &[
    "csi.truenas.io",
    "nfs.csi.k8s.io",
    "org.democratic-csi.iscsi",
    "org.democratic-csi.nfs",
    "org.democratic-csi.nvmeof",
    "org.democratic-csi.smb",
    "smb.csi.k8s.io",
    "tns.csi.io",
];

/// The IQN base that every TrueNAS starts with.
pub const VENDOR_IQN_BASE: &str = "iqn.2005-10.org.freenas.ctl";

/// A snapshot naming schema of strftime directives, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamingSchema {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Digits(usize),
    Zone,
}

/// One part of a snapshot name that matched a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamePart<'a> {
    /// A date part or a known word: may be shown.
    Readable(&'a str),
    /// A word chosen by a person.
    Free(&'a str),
}

/// Words that schemas of the products themselves use.
const SCHEMA_WORDS: &[&str] = &[
    "auto",
    "daily",
    "frequently",
    "hourly",
    "manual",
    "monthly",
    "snap",
    "weekly",
    "yearly",
];

impl NamingSchema {
    /// Reads a schema such as `auto-%Y-%m-%d_%H-%M`; unknown directives make it unusable.
    pub fn parse(text: &str) -> Option<Self> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut chars = text.chars();
        while let Some(char) = chars.next() {
            if char != '%' {
                literal.push(char);
                continue;
            }
            let piece = match chars.next()? {
                'Y' => Piece::Digits(4),
                'm' | 'd' | 'H' | 'M' | 'S' | 'y' => Piece::Digits(2),
                'j' => Piece::Digits(3),
                's' => Piece::Digits(10),
                'z' => Piece::Zone,
                '%' => {
                    literal.push('%');
                    continue;
                }
                _ => return None,
            };
            if !literal.is_empty() {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            }
            pieces.push(piece);
        }
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        let has_date = pieces
            .iter()
            .any(|piece| !matches!(piece, Piece::Literal(_)));
        has_date.then(|| Self {
            text: text.to_owned(),
            pieces,
        })
    }

    /// The schema as TrueNAS shows it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Takes a name apart if it follows the schema.
    pub fn split<'a>(&self, name: &'a str) -> Option<Vec<NamePart<'a>>> {
        let mut rest = name;
        let mut parts = Vec::new();
        for piece in &self.pieces {
            let length = match piece {
                Piece::Literal(literal) => {
                    rest.strip_prefix(literal.as_str())?;
                    literal.len()
                }
                Piece::Digits(count) => {
                    let digits = rest.get(..*count)?;
                    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                        return None;
                    }
                    *count
                }
                Piece::Zone => zone_length(rest)?,
            };
            let (head, tail) = rest.split_at(length);
            match piece {
                Piece::Literal(_) => words(head, &mut parts),
                _ => parts.push(NamePart::Readable(head)),
            }
            rest = tail;
        }
        rest.is_empty().then_some(parts)
    }
}

fn zone_length(text: &str) -> Option<usize> {
    let zone = text.get(..5)?;
    let has_sign = zone.starts_with(['+', '-']);
    (has_sign && zone[1..].bytes().all(|byte| byte.is_ascii_digit())).then_some(5)
}

fn words<'a>(literal: &'a str, parts: &mut Vec<NamePart<'a>>) {
    for piece in literal.split_inclusive(['-', '_', '.', ':']) {
        let word = piece.trim_end_matches(['-', '_', '.', ':']);
        if !word.is_empty() {
            parts.push(if SCHEMA_WORDS.contains(&word) {
                NamePart::Readable(word)
            } else {
                NamePart::Free(word)
            });
        }
        if piece.len() > word.len() {
            parts.push(NamePart::Readable(&piece[word.len()..]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lower_case_version_4_uuids_stay() {
        assert!(is_uuid_v4("26b7b5ab-1111-4c1f-9b1f-0e3a0e821dd5"));
        assert!(!is_uuid_v4("26B7B5AB-1111-4c1f-9b1f-0e3a0e821dd5"));
        assert!(!is_uuid_v4("26b7b5ab-1111-1c1f-9b1f-0e3a0e821dd5"));
        assert!(!is_uuid_v4("26b7b5ab-1111-4c1f-7b1f-0e3a0e821dd5"));
        let uuid = "26b7b5ab-1111-4c1f-9b1f-0e3a0e821dd5";
        assert_eq!(sidecar_uuid(&format!("pvc-{uuid}")), Some(uuid));
        assert_eq!(
            sidecar_uuid("backup-26b7b5ab-1111-4c1f-9b1f-0e3a0e821dd5"),
            None
        );
    }

    #[test]
    fn closed_lists_are_sorted_and_have_their_names_alone() {
        assert!(PLATFORM_NAMESPACES.is_sorted());
        assert!(KNOWN_DRIVERS.is_sorted());
        assert!(
            PLATFORM_NAMESPACES
                .iter()
                .all(|name| is_platform_namespace(name))
        );
        assert!(KNOWN_DRIVERS.iter().all(|name| is_known_driver(name)));
        assert!(!is_platform_namespace("openshift-acme"));
        assert!(!is_known_driver("org.democratic-csi.acme"));
    }

    #[test]
    fn a_schema_keeps_dates_and_known_words_only() {
        let schema = NamingSchema::parse("auto-acme_%Y-%m-%d_%H-%M").unwrap();
        let parts = schema.split("auto-acme_2026-11-20_03-00").unwrap();
        let free: Vec<_> = parts
            .iter()
            .filter(|part| matches!(part, NamePart::Free(_)))
            .collect();
        assert_eq!(free, [&NamePart::Free("acme")]);
        assert_eq!(schema.split("auto-acme_2026-11-20_03-0x"), None);
        assert_eq!(schema.split("auto-acme_2026-11-20_03-00-more"), None);
    }

    #[test]
    fn every_directive_takes_its_own_length() {
        let text = "%%d_%j.%s%z-%y%S";
        let schema = NamingSchema::parse(text).unwrap();
        assert_eq!(schema.text(), text);
        let readable = NamePart::Readable;
        assert_eq!(
            schema.split("%d_059.1767225600+0130-2607"),
            Some(vec![
                NamePart::Free("%d"),
                readable("_"),
                readable("059"),
                readable("."),
                readable("1767225600"),
                readable("+0130"),
                readable("-"),
                readable("26"),
                readable("07"),
            ])
        );
        for other in [
            "%d_59.1767225600+0130-2607",
            "%d_059.176722560+0130-2607",
            "%d_059.176722560000130-2607",
            "%d_059.1767225600+01x0-2607",
            "d_059.1767225600+0130-2607",
        ] {
            assert_eq!(schema.split(other), None, "{other}");
        }
        let at_the_end = NamingSchema::parse("%z").unwrap();
        assert_eq!(at_the_end.split("+013"), None);
        assert_eq!(at_the_end.split("-0130").map(|parts| parts.len()), Some(1));
    }

    #[test]
    fn what_stands_behind_the_date_belongs_to_the_schema() {
        let schema = NamingSchema::parse("%Y-acme").unwrap();
        let parts = schema.split("2026-acme").unwrap();
        assert_eq!(parts.last(), Some(&NamePart::Free("acme")));
        assert_eq!(schema.split("2026-beta"), None);
        assert_eq!(schema.split("2026"), None);
    }

    #[test]
    fn a_schema_without_a_date_keeps_nothing() {
        assert_eq!(NamingSchema::parse("secret-project"), None);
        assert_eq!(NamingSchema::parse("auto-%B"), None);
    }
}
