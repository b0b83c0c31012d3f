//! SQL text to one parsed query, with the dialect that the engine itself parses with.

use sqlparser::ast::{Query, Statement};
use sqlparser::dialect::GenericDialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

use crate::query::lint::LintError;

/// Longest statement that is read.
const MAX_SQL_BYTES: usize = 64 * 1024;

/// Most operators in one statement, and in one list item or clause of it: a chain is as deep as it is long, and the
/// parser, the lint and the engine walk it by recursion.
const MAX_OPERATORS: usize = 500;
const MAX_CHAIN: usize = 100;

/// Deepest parentheses.
const MAX_DEPTH: usize = 30;

/// Column of the tables that is also a key word of one engine.
pub(super) const CLUSTER: &str = "cluster";

/// Parses exactly one SELECT or WITH statement.
pub(super) fn parse(sql: &str) -> Result<Query, LintError> {
    let start = Location::new(1, 1);
    if sql.len() > MAX_SQL_BYTES {
        return Err(LintError::new(
            start,
            "a statement above 64 KiB",
            "a view for each part",
        ));
    }
    let mut tokens = Tokenizer::new(&GenericDialect, sql)
        .tokenize_with_location()
        .map_err(|error| unparsable(&ParserError::from(error).to_string()))?;
    shallow(&tokens)?;
    tokens.iter_mut().for_each(free_name);
    let mut statements = Parser::new(&GenericDialect)
        .with_tokens_with_locations(tokens)
        .parse_statements()
        .map_err(|error| unparsable(&error.to_string()))?;
    match (statements.pop(), statements.is_empty()) {
        (Some(Statement::Query(query)), true) => Ok(*query),
        (Some(statement), true) => {
            let text = statement.to_string();
            let word = text.split_whitespace().next().unwrap_or("this statement");
            Err(LintError::new(
                start,
                word,
                "one SELECT or WITH; nothing else is ever run",
            ))
        }
        _ => Err(LintError::new(
            start,
            "not exactly one statement",
            "one SELECT or WITH",
        )),
    }
}

/// Makes `cluster` a name like any other: after a comma the parser takes it for the start of CLUSTER BY.
fn free_name(token: &mut TokenWithSpan) {
    if let Token::Word(word) = &mut token.token
        && word.value == CLUSTER
    {
        word.keyword = Keyword::NoKeyword;
    }
}

/// Refuses what would be too deep to walk.
fn shallow(tokens: &[TokenWithSpan]) -> Result<(), LintError> {
    let (mut n_operators, mut chain, mut depth) = (0usize, 0usize, 0usize);
    for token in tokens {
        match step(&token.token) {
            Step::Operator => {
                n_operators += 1;
                chain += 1;
            }
            Step::Break => chain = 0,
            Step::Open => depth += 1,
            Step::Close => depth = depth.saturating_sub(1),
            Step::Nothing => {}
        }
        if n_operators > MAX_OPERATORS || chain > MAX_CHAIN || depth > MAX_DEPTH {
            let construct = "a statement of so many operators or parentheses";
            return Err(LintError::new(
                token.span.start,
                construct,
                "a CTE or a view for each part",
            ));
        }
    }
    Ok(())
}

enum Step {
    Operator,
    /// Starts the next list item or clause.
    Break,
    Open,
    Close,
    Nothing,
}

fn step(token: &Token) -> Step {
    match token {
        Token::Word(word) => match word.keyword {
            Keyword::AND | Keyword::OR | Keyword::NOT | Keyword::IS => Step::Operator,
            Keyword::SELECT
            | Keyword::FROM
            | Keyword::JOIN
            | Keyword::ON
            | Keyword::WHERE
            | Keyword::GROUP
            | Keyword::HAVING
            | Keyword::WHEN
            | Keyword::THEN
            | Keyword::ELSE => Step::Break,
            Keyword::UNION | Keyword::EXCEPT | Keyword::INTERSECT => Step::Operator,
            _ => Step::Nothing,
        },
        Token::Comma => Step::Break,
        Token::LParen => Step::Open,
        Token::RParen => Step::Close,
        Token::Whitespace(_)
        | Token::Period
        | Token::Colon
        | Token::Number(..)
        | Token::SingleQuotedString(_) => Step::Nothing,
        _ => Step::Operator,
    }
}

fn unparsable(message: &str) -> LintError {
    let (what, place) = message
        .rsplit_once(" at Line: ")
        .unwrap_or((message, "1, Column: 1"));
    let (line, column) = place.split_once(", Column: ").unwrap_or(("1", "1"));
    let location = Location::new(
        line.trim().parse().unwrap_or(1),
        column.trim().parse().unwrap_or(1),
    );
    let what = what.trim_start_matches("sql parser error: ");
    LintError::new(
        location,
        format!("text that cannot be parsed ({what})"),
        "one SELECT in the portable dialect",
    )
}
