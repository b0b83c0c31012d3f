//! Argument lists as shell lines that are safe to read and to paste.
//!
//! Runs when text is rendered, after any un-masking, so that quoting fits the names that are really there.

use super::escape;

/// One command as one line; every argument that is not plainly harmless is quoted.
#[must_use]
pub fn line<'a>(arguments: impl IntoIterator<Item = &'a str>) -> String {
    arguments
        .into_iter()
        .map(quoted)
        .collect::<Vec<_>>()
        .join(" ")
}

fn quoted(argument: &str) -> String {
    let is_harmless = |c: char| c.is_ascii_alphanumeric() || "/@:._-+,=%".contains(c);
    if !argument.is_empty() && argument.chars().all(is_harmless) {
        return argument.to_owned();
    }
    if !argument.chars().any(escape::is_deceptive) {
        return format!("'{}'", argument.replace('\'', r"'\''"));
    }
    let mut text = String::from("$'");
    for c in argument.chars() {
        match c {
            '\\' => text.push_str(r"\\"),
            '\'' => text.push_str(r"\'"),
            c if escape::is_deceptive(c) => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    text.push_str(&format!("\\x{byte:02x}"));
                }
            }
            c => text.push(c),
        }
    }
    text.push('\'');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_become_commands() {
        assert_eq!(
            line(["zfs", "destroy", "tank/a;reboot"]),
            "zfs destroy 'tank/a;reboot'"
        );
        assert_eq!(line(["echo", "it's", ""]), r"echo 'it'\''s' ''");
        assert_eq!(line(["echo", "a\nb"]), r"echo $'a\x0ab'");
        assert_eq!(
            line(["zfs", "list", "tank/k8s@daily-1"]),
            "zfs list tank/k8s@daily-1"
        );
    }
}
