//! Mount options: names of a closed list, values only where they are versions, transports or numbers. An SMB password
//! among them is never kept.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::Deserializer;
use truenas_common::tables::code::{MountOption, MountWord};

/// Value of one option.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct OptionValue {
    pub(super) word: Option<MountWord>,
    pub(super) number: Option<i64>,
}

/// Options by name; of one that is given twice the last counts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct MountOptions(pub(super) BTreeMap<MountOption, OptionValue>);

impl<'de> Deserialize<'de> for MountOptions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = Option::<Vec<String>>::deserialize(deserializer)?;
        Ok(Self::parse(&entries.unwrap_or_default()))
    }
}

impl MountOptions {
    fn parse(entries: &[String]) -> Self {
        let options = entries.iter().flat_map(|entry| entry.split(','));
        let options = options
            .map(str::trim)
            .filter(|option| !option.is_empty())
            .map(|option| {
                let (name, value) = option.split_once('=').unwrap_or((option, ""));
                let name = MountOption::parse(name.trim());
                (name, OptionValue::parse(name, value.trim()))
            });
        Self(options.collect())
    }

    pub(super) fn has(&self, option: MountOption) -> bool {
        self.0.contains_key(&option)
    }
}

impl OptionValue {
    fn parse(option: MountOption, value: &str) -> Self {
        match option {
            _ if value.is_empty() => Self::default(),
            MountOption::Vers | MountOption::Nfsvers | MountOption::Proto => Self {
                word: Some(MountWord::parse(value)),
                number: None,
            },
            MountOption::Rsize
            | MountOption::Wsize
            | MountOption::Nconnect
            | MountOption::Timeo
            | MountOption::Retrans => Self {
                word: None,
                number: value.parse().ok().filter(|number: &i64| *number >= 0),
            },
            _ => Self::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(json: &str) -> Vec<(MountOption, Option<MountWord>, Option<i64>)> {
        let options: MountOptions = serde_json::from_str(json).unwrap();
        let options = options.0.into_iter();
        options
            .map(|(option, value)| (option, value.word, value.number))
            .collect()
    }

    #[test]
    fn values_are_kept_for_the_listed_options_only() {
        let found = options(
            r#"["nfsvers=4.1", "noatime,hard", "rsize=1048576", "nconnect = 8", "port=2049"]"#,
        );
        let expected = [
            (MountOption::Nfsvers, Some(MountWord::V41), None),
            (MountOption::Rsize, None, Some(1_048_576)),
            (MountOption::Nconnect, None, Some(8)),
            (MountOption::Hard, None, None),
            (MountOption::Noatime, None, None),
            (MountOption::Port, None, None),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn password_is_a_name_without_value_and_unknown_options_are_one() {
        let found = options(
            r#"["username=bob,password=hidden", "x-one=hidden", "two", "vers=hidden", "rsize=x"]"#,
        );
        assert!(found.iter().all(|(_, word, number)| {
            number.is_none() && word.is_none_or(|word| word == MountWord::Other)
        }));
        let names: Vec<_> = found.iter().map(|(option, ..)| *option).collect();
        assert_eq!(
            names,
            [
                MountOption::Vers,
                MountOption::Rsize,
                MountOption::Username,
                MountOption::Password,
                MountOption::Other
            ]
        );
    }

    #[test]
    fn last_of_two_counts() {
        let found = options(r#"["vers=3", "vers=4.2"]"#);
        assert_eq!(found, [(MountOption::Vers, Some(MountWord::V42), None)]);
        assert!(options("null").is_empty());
    }
}
