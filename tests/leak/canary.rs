//! Words that no program knows, and every form in which one of them could leave.

use std::collections::BTreeMap;

use data_encoding::{BASE64_NOPAD, HEXLOWER};

/// Both ends of every canary: either one is found alone, so that a cut name is found too.
const ENDS: [&str; 2] = ["canaryqx", "xqyranac"];

/// Ends of the words that an operator wrote into the configuration, which a message on site may name.
const LABEL_ENDS: [&str; 2] = ["labelqxv", "vxqlebal"];

/// Networks of the addresses that take the place of others; documentation has them for this.
const NETWORK: &str = "198.51.100.";
const NETWORK_6: &str = "2001:db8:";

/// Beginning of the hardware addresses; no maker has it.
const HARDWARE: &str = "02:ca:fe:";

/// How a name is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// As it is.
    #[default]
    Plain,
    /// In upper case.
    Upper,
    /// In base64.
    Base64,
    /// In hexadecimal digits.
    Hex,
    /// Every byte escaped as in a URL.
    Url,
    /// As a hardware address, and addresses as those of version 6.
    Address,
}

/// Hands out canaries; the same word always gets the same one.
#[derive(Debug, Default)]
pub(crate) struct Canaries {
    words: BTreeMap<String, String>,
    n_made: usize,
    form: Form,
}

impl Form {
    /// Every form but the plain one.
    pub(crate) const OTHERS: [Self; 5] = [
        Self::Upper,
        Self::Base64,
        Self::Hex,
        Self::Url,
        Self::Address,
    ];

    /// Writes a text in this form; a hardware address holds the number only.
    fn write(self, text: &str, number: usize) -> String {
        let escaped = || text.bytes().map(|byte| format!("%{byte:02x}")).collect();
        match self {
            Self::Plain => text.to_owned(),
            Self::Upper => text.to_uppercase(),
            Self::Base64 => BASE64_NOPAD.encode(text.as_bytes()),
            Self::Hex => HEXLOWER.encode(text.as_bytes()),
            Self::Url => escaped(),
            Self::Address => hardware(number),
        }
    }
}

impl Canaries {
    /// Canaries in a form.
    pub(crate) fn new(form: Form) -> Self {
        Self {
            form,
            ..Self::default()
        }
    }

    /// The canary of a word, upper and lower case alike.
    pub(crate) fn word(&mut self, word: &str) -> String {
        let key = word.to_lowercase();
        if let Some(known) = self.words.get(&key) {
            return known.clone();
        }
        let canary = self.fresh();
        self.words.insert(key, canary.clone());
        canary
    }

    /// The canary of an address.
    pub(crate) fn address(&mut self, address: &str) -> String {
        let n_known = self.words.len();
        let canary = || match self.form {
            Form::Address => address_6(n_known),
            _ => format!("{NETWORK}{}", 1 + n_known % 250),
        };
        self.words
            .entry(address.to_owned())
            .or_insert_with(canary)
            .clone()
    }

    /// A canary that nothing else has.
    pub(crate) fn fresh(&mut self) -> String {
        self.n_made += 1;
        self.form.write(&framed(ENDS, self.n_made), self.n_made)
    }

    /// One canary in every form that a text can have, addresses among them.
    pub(crate) fn every_form(&mut self) -> Vec<String> {
        self.n_made += 1;
        let text = framed(ENDS, self.n_made);
        let forms = forms(&text).into_iter();
        let addresses = [hardware(self.n_made), address_6(self.n_made)];
        forms.chain(addresses).collect()
    }
}

fn hardware(number: usize) -> String {
    let [.., high, middle, low] = number.to_be_bytes();
    format!("{HARDWARE}{high:02x}:{middle:02x}:{low:02x}")
}

fn address_6(number: usize) -> String {
    format!(
        "{NETWORK_6}ca:{:x}::{:x}",
        1 + number / 250,
        1 + number % 250
    )
}

/// A word for the configuration.
pub(crate) fn label(number: usize) -> String {
    framed(LABEL_ENDS, number)
}

/// An API key with a canary in it, of the length that a real one has.
pub(crate) fn api_key() -> String {
    let canary = framed(ENDS, 0);
    format!("1-{canary}{:k<1$}", "", 64 - canary.len())
}

/// All forms of a text: as it is, upper case, base64, hexadecimal, URL-encoded.
pub(crate) fn forms(text: &str) -> [String; 5] {
    let forms = [Form::Plain, Form::Upper, Form::Base64, Form::Hex, Form::Url];
    forms.map(|form| form.write(text, 0))
}

/// The first form of a canary in the bytes, if there is one.
pub(crate) fn found(bytes: &[u8]) -> Option<String> {
    search(bytes, &ENDS).or_else(|| {
        let text = String::from_utf8_lossy(bytes).to_lowercase();
        let addresses = [NETWORK, NETWORK_6, HARDWARE];
        let found = addresses.into_iter().find(|start| text.contains(start));
        let dashed = HARDWARE.replace(':', "-");
        found
            .map(str::to_owned)
            .or_else(|| text.contains(&dashed).then_some(dashed))
    })
}

/// The same for words of the configuration.
pub(crate) fn found_label(bytes: &[u8]) -> Option<String> {
    search(bytes, &LABEL_ENDS)
}

fn framed(ends: [&str; 2], number: usize) -> String {
    let digits = [17_576, 676, 26, 1].map(|weight| {
        let digit = u8::try_from(number / weight % 26).unwrap_or_default();
        char::from(b'a' + digit)
    });
    let middle: String = digits.iter().collect();
    format!("{}{middle}{}", ends[0], ends[1])
}

fn search(bytes: &[u8], ends: &[&str]) -> Option<String> {
    let exact = String::from_utf8_lossy(bytes);
    let folded = exact.to_lowercase();
    for end in ends {
        for text in [(*end).to_owned(), end.to_uppercase()] {
            let [plain, upper, _, hex, url] = forms(&text);
            let in_any_case = [plain, upper, hex, url];
            let hit = in_any_case
                .into_iter()
                .find(|form| folded.contains(&form.to_lowercase()));
            let coded = || {
                base64_cores(&text)
                    .into_iter()
                    .find(|core| exact.contains(core))
            };
            if let Some(hit) = hit.or_else(coded) {
                return Some(hit);
            }
        }
    }
    None
}

/// What base64 makes of a text wherever it begins: the characters that hold no bit of a neighbour.
fn base64_cores(text: &str) -> Vec<String> {
    let core = |n_before: usize| {
        let padded = [&vec![0; n_before], text.as_bytes()].concat();
        let encoded = BASE64_NOPAD.encode(&padded);
        let (from, to) = ((n_before * 8).div_ceil(6), padded.len() * 8 / 6);
        encoded[from..to].to_owned()
    };
    (0..3).map(core).collect()
}

#[test]
fn every_form_of_a_canary_is_found_and_innocent_text_is_not() {
    let canary = Canaries::default().fresh();
    for form in forms(&canary) {
        assert!(found(format!("..{form}..").as_bytes()).is_some(), "{form}");
    }
    for inner in ["ab", "a", ""] {
        let encoded = BASE64_NOPAD.encode(format!("{inner}{canary}tail").as_bytes());
        assert!(found(encoded.as_bytes()).is_some(), "{encoded}");
    }
    for form in Form::OTHERS {
        let mut canaries = Canaries::new(form);
        for text in [
            canaries.fresh(),
            canaries.address("192.0.2.7"),
            canaries.word("x"),
        ] {
            assert!(
                found(format!("a {text} z").as_bytes()).is_some(),
                "{form:?}: {text}"
            );
        }
    }
    assert!(found(&canary.as_bytes()[..12]).is_some());
    assert!(found(b"tank/k8s/leaf-abcdefgh23456723").is_none());
}
