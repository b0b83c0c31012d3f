//! SQL text to one parsed query, with the dialect that the engine itself parses with.

use sqlparser::ast::{Query, Statement};
use sqlparser::dialect::GenericDialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

use crate::query::lint::LintError;

/// Longest statement that is read.
const MAX_SQL_BYTES: usize = 64 * 1024;

/// Most operators in one statement: a chain of them is as deep as it is long, and everything after this walks it.
const MAX_OPERATORS: usize = 500;

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
    if tokens.iter().filter(|token| is_operator(token)).count() > MAX_OPERATORS {
        return Err(LintError::new(
            start,
            "a statement of more than 500 operators",
            "a view for each part",
        ));
    }
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

fn is_operator(token: &TokenWithSpan) -> bool {
    match &token.token {
        Token::Word(word) => matches!(
            word.keyword,
            Keyword::AND
                | Keyword::OR
                | Keyword::NOT
                | Keyword::IS
                | Keyword::UNION
                | Keyword::JOIN
        ),
        Token::Whitespace(_)
        | Token::Comma
        | Token::Period
        | Token::Colon
        | Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::LParen
        | Token::RParen => false,
        _ => true,
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
