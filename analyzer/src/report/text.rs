//! The report on a terminal: the same facts as page one, in at most 25 lines.

use super::escape;
use super::model::{ReportModel, Risk, Severity, Tile, TileState, TrustState};
use super::number::THIN;

/// Whether the terminal shows colour; `NO_COLOR` and pipes mean [`Color::Plain`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// Letters only.
    Plain,
    /// ANSI sequences.
    Ansi,
}

const N_LINES: usize = 25;

/// Verdict, trust, data quality, tiles, key numbers, top risks, changes, next command.
#[must_use]
pub fn summary(model: &ReportModel, width: usize, color: Color) -> String {
    let width = width.clamp(40, 200);
    let page = Page { width, color };
    let title = &model.title;
    let scope = format!(
        "{} clusters, {} appliances, {} pools",
        title.scope.clusters.len(),
        title.scope.appliances.len(),
        title.scope.pools.len()
    );
    let mut lines = vec![
        page.bold(&format!(
            "Site {}  {scope}  {} to {}",
            title.site,
            day(&title.from.text),
            day(&title.to.text)
        )),
        page.rule(),
    ];
    lines.extend(
        page.wrapped(&model.verdict.plain(), 3)
            .iter()
            .map(|line| page.bold(line)),
    );
    lines.push(String::new());
    lines.push(page.trust(model));
    lines.push(page.quality(model));
    lines.push(String::new());
    lines.extend(model.tiles.iter().map(|tile| page.tile(tile)));
    let numbers = model.key_numbers.iter().take(3);
    lines.extend(numbers.map(|key| page.fit(&format!("     {}: {}", key.label, key.number.text))));
    lines.push(String::new());
    lines.extend(model.risks.iter().take(5).map(|risk| page.risk(risk)));
    lines.push(page.changes(model));
    lines.truncate(N_LINES - 1);
    lines.push(page.fit("Next: truenas-analyzer report --format html, or --format pdf for paper"));
    lines.join("\n") + "\n"
}

struct Page {
    width: usize,
    color: Color,
}

impl Page {
    /// Cuts to the width; two dots say that something is missing.
    fn fit(&self, text: &str) -> String {
        let text = terminal(text);
        if text.chars().count() <= self.width {
            return text;
        }
        text.chars().take(self.width - 2).collect::<String>() + ".."
    }

    fn wrapped(&self, text: &str, n_lines: usize) -> Vec<String> {
        let mut lines = vec![String::new()];
        for word in terminal(text).split(' ') {
            let line = lines.last_mut().expect("there is always a line");
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > self.width {
                lines.push(word.to_owned());
                continue;
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.truncate(n_lines);
        lines.iter().map(|line| self.fit(line)).collect()
    }

    fn painted(&self, code: &str, text: &str) -> String {
        match self.color {
            Color::Plain => text.to_owned(),
            Color::Ansi => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }

    fn bold(&self, text: &str) -> String {
        self.painted("1", &self.fit(text))
    }

    fn rule(&self) -> String {
        "-".repeat(self.width)
    }

    fn trust(&self, model: &ReportModel) -> String {
        let verified = &model.trust.verified.text;
        match (model.trust.band(), model.trust.state) {
            (None, _) => self.fit(&format!("Trust:   {verified} bundles verified")),
            (Some(band), TrustState::Verified) => self.painted(
                "33",
                &self.fit(&format!("Trust:   {verified} bundles verified. {band}")),
            ),
            (Some(band), _) => self.painted("31", &self.fit(&format!("Trust:   {band}"))),
        }
    }

    fn quality(&self, model: &ReportModel) -> String {
        let quality = &model.quality;
        let line = self.fit(&format!(
            "Data:    {} lists complete, {} partial, {} missing; {} checks not evaluated",
            quality.n_complete, quality.n_partial, quality.n_missing, quality.n_not_evaluated
        ));
        if quality.limits.is_empty() {
            line
        } else {
            self.painted("31", &line)
        }
    }

    fn tile(&self, tile: &Tile) -> String {
        let (mark, code) = match tile.state {
            TileState::Act => ("[!!]", "31"),
            TileState::Plan => ("[! ]", "33"),
            TileState::Fine => ("[ok]", "32"),
            TileState::NoChecks => ("[--]", "2"),
        };
        let score = tile
            .score
            .as_ref()
            .map_or("--", |score| score.text.as_str());
        let line = format!(
            "{mark} {:<14}{score:>4}  {}",
            tile.category.word(),
            tile.worst.plain()
        );
        self.painted(code, &self.fit(&line))
    }

    fn risk(&self, risk: &Risk) -> String {
        let code = match risk.severity {
            Severity::Critical | Severity::High => "31",
            Severity::Medium => "33",
            Severity::Low | Severity::Info => "0",
        };
        let line = format!(
            "{:<9}{}: {}",
            risk.severity.word(),
            risk.what,
            risk.subject.text
        );
        self.painted(code, &self.fit(&line))
    }

    fn changes(&self, model: &ReportModel) -> String {
        let changes = &model.changes;
        let found = format!(
            "Open {}, suppressed {}",
            model.scorecard.n_open, model.scorecard.n_suppressed
        );
        match &changes.since {
            None => self.fit(&format!("{found}. First report of this site.")),
            Some(since) => self.fit(&format!(
                "{found}. Since {}: new {}, back {}, persisting {}, resolved {}",
                day(&since.text),
                changes.n_new,
                changes.n_regressed,
                changes.n_persisting,
                changes.n_resolved()
            )),
        }
    }
}

/// Text a terminal shows as it is: no control sequences, plain spaces.
fn terminal(text: &str) -> String {
    escape::visible(text).replace(THIN, " ")
}

fn day(text: &str) -> &str {
    text.split(' ').next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summary_fits_a_small_terminal() {
        let text = summary(&ReportModel::sample(), 80, Color::Plain);
        assert!(text.lines().count() <= N_LINES, "{text}");
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
        assert!(text.is_ascii(), "{text}");
    }

    #[test]
    fn names_cannot_move_the_cursor() {
        let mut model = ReportModel::sample();
        model.risks[0].subject.text = "\x1b[2J\u{202E}evil\r\n".to_owned();
        let text = summary(&model, 120, Color::Plain);
        assert!(!text.contains('\x1b') && !text.contains('\u{202E}') && !text.contains('\r'));
    }

    #[test]
    fn colour_changes_no_letter() {
        let model = ReportModel::sample();
        let mut plain = summary(&model, 80, Color::Ansi);
        for code in ["0", "1", "2", "31", "32", "33"] {
            plain = plain.replace(&format!("\x1b[{code}m"), "");
        }
        assert_eq!(plain, summary(&model, 80, Color::Plain));
    }
}
