//! What `#[actor]` says to a user who is wrong: one error per mistake, at the user's own token.
//!
//! The wording of rustc's own errors changes between versions, so the expected output is that of the
//! version the project is developed with. After a deliberate change: `TRYBUILD=overwrite cargo test --test ui`.

#[test]
fn mistakes_are_explained() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*/*.rs");
}
