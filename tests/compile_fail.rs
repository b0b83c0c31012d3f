//! What the types forbid: another method, another list, a text of a server in a row, a review without a permit.
//!
//! Each file must fail to compile, and with the very error that is kept beside it: one that fails for another reason
//! would show nothing.

#[test]
fn what_must_not_be_written_does_not_compile() {
    trybuild::TestCases::new().compile_fail("../tests/compile_fail/*.rs");
}
