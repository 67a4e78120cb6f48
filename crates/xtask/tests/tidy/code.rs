//! What the code of a file names: not its comments, its strings or its unit tests.

use crate::source::File;
use proc_macro2::{Delimiter, LexError, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;
use std::iter::Peekable;
use std::slice::Iter;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Item, Meta, parse_file};

/// The code of a file, without unit tests.
pub(crate) struct Code {
    file: syn::File,
    tokens: TokenStream,
}

impl Code {
    pub(crate) fn of(file: &File) -> Self {
        Self::parse(&file.text).unwrap_or_else(|error| panic!("{}: {error}", file.path))
    }

    pub(crate) fn parse(text: &str) -> syn::Result<Self> {
        let mut file = parse_file(text)?;
        WithoutTests.visit_file_mut(&mut file);
        let tokens = file.to_token_stream();
        Ok(Self { file, tokens })
    }

    /// Whether this name occurs, also as the argument of a macro.
    pub(crate) fn names(&self, name: &str) -> bool {
        has_identifier(self.tokens.clone(), name)
    }

    /// Whether this name occurs otherwise than in a `pub use`.
    pub(crate) fn uses(&self, name: &str) -> bool {
        self.file
            .items
            .iter()
            .filter(|item| !is_public_import(item))
            .any(|item| has_identifier(item.to_token_stream(), name))
    }

    /// Whether the file defines a function of this name at its top level.
    pub(crate) fn has_function(&self, name: &str) -> bool {
        self.file
            .items
            .iter()
            .any(|item| matches!(item, Item::Fn(function) if function.sig.ident == name))
    }

    /// Every path of two or more segments, groups opened: `a::{b, c::d}` gives `a::b` and `a::c::d`.
    pub(crate) fn paths(&self) -> Vec<Vec<String>> {
        let mut paths = Vec::new();
        collect_paths(self.tokens.clone(), &[], &mut paths);
        paths
    }

    /// The arguments of every call of a macro on the top level of the file.
    pub(crate) fn calls_of_macro(&self, name: &str) -> Vec<Vec<TokenTree>> {
        let calls = self.file.items.iter().filter_map(|item| match item {
            Item::Macro(call) if call.mac.path.is_ident(name) => Some(&call.mac.tokens),
            _ => None,
        });
        calls
            .map(|tokens| tokens.clone().into_iter().collect())
            .collect()
    }

    /// The arguments of every call of a function or method with this name, each as its tokens.
    pub(crate) fn calls(&self, name: &str) -> Vec<Vec<String>> {
        let mut calls = Vec::new();
        collect_calls(self.tokens.clone(), name, &mut calls);
        calls
    }

    /// What the file defines at its top level.
    pub(crate) fn items(&self) -> &[Item] {
        &self.file.items
    }
}

/// The text of a file with comments and the contents of strings and characters blank, up to the unit
/// tests at its end. Everything else is where it is in the file.
pub(crate) fn text(file: &File) -> String {
    let code =
        without_comments(&file.text).unwrap_or_else(|error| panic!("{}: {error}", file.path));
    match code.find("#[cfg(test)]") {
        Some(tests) => code[..tests].to_owned(),
        None => code,
    }
}

fn without_comments(text: &str) -> Result<String, LexError> {
    let blank = |byte| if byte == b'\n' { b'\n' } else { b' ' };
    let mut code: Vec<u8> = text.bytes().map(blank).collect();
    copy_tokens(text.parse()?, text, &mut code);
    // Tokens are copied whole, so that no letter of several bytes is cut.
    Ok(String::from_utf8(code).expect("it is the text, or blank"))
}

fn copy_tokens(tokens: TokenStream, text: &str, code: &mut [u8]) {
    for token in tokens {
        let source = &text[token.span().byte_range()];
        // The tokens of a documentation comment are all of it.
        let is_comment = source.starts_with("//") || source.starts_with("/*");
        let is_text = matches!(token, TokenTree::Literal(_)) && source.contains(['"', '\'']);
        if is_comment || is_text {
            continue;
        }
        let spans = match token {
            TokenTree::Group(group) => {
                copy_tokens(group.stream(), text, code);
                vec![group.span_open(), group.span_close()]
            }
            other => vec![other.span()],
        };
        for range in spans.iter().map(Span::byte_range) {
            code[range.clone()].copy_from_slice(&text.as_bytes()[range]);
        }
    }
}

/// Removes what is compiled for tests only.
struct WithoutTests;

impl VisitMut for WithoutTests {
    fn visit_file_mut(&mut self, file: &mut syn::File) {
        file.items.retain(|item| !is_test(attributes(item)));
        visit_mut::visit_file_mut(self, file);
    }

    fn visit_item_mod_mut(&mut self, module: &mut syn::ItemMod) {
        if let Some((_, items)) = &mut module.content {
            items.retain(|item| !is_test(attributes(item)));
        }
        visit_mut::visit_item_mod_mut(self, module);
    }

    fn visit_item_impl_mut(&mut self, block: &mut syn::ItemImpl) {
        block.items.retain(
            |item| !matches!(item, syn::ImplItem::Fn(function) if is_test(&function.attrs)),
        );
        visit_mut::visit_item_impl_mut(self, block);
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        matches!(&attribute.meta, Meta::List(list)
            if list.path.is_ident("cfg") && list.tokens.to_string() == "test")
    })
}

fn is_public_import(item: &Item) -> bool {
    matches!(item, Item::Use(import) if !matches!(import.vis, syn::Visibility::Inherited))
}

fn has_identifier(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(identifier) => identifier == name,
        TokenTree::Group(group) => has_identifier(group.stream(), name),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

fn collect_calls(tokens: TokenStream, name: &str, calls: &mut Vec<Vec<String>>) {
    let mut before = None;
    for token in tokens {
        if let TokenTree::Group(group) = &token {
            let is_call = group.delimiter() == Delimiter::Parenthesis
                && matches!(&before, Some(TokenTree::Ident(called)) if *called == name);
            if is_call {
                let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ',');
                let text = |tokens: &[TokenTree]| tokens.iter().cloned().collect::<TokenStream>();
                let arguments = inside.split(is_comma);
                calls.push(arguments.map(|tokens| text(tokens).to_string()).collect());
            }
            collect_calls(group.stream(), name, calls);
        }
        before = Some(token);
    }
}

/// Finds the paths in tokens. Those that begin here continue `prefix`.
fn collect_paths(tokens: TokenStream, prefix: &[String], paths: &mut Vec<Vec<String>>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut rest = tokens.iter().peekable();
    while let Some(token) = rest.next() {
        match token {
            TokenTree::Ident(first) => {
                let mut path = prefix.to_vec();
                path.push(first.to_string());
                collect_rest(path, &mut rest, paths);
            }
            TokenTree::Group(group) => collect_paths(group.stream(), &[], paths),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

fn collect_rest(
    mut path: Vec<String>,
    rest: &mut Peekable<Iter<'_, TokenTree>>,
    paths: &mut Vec<Vec<String>>,
) {
    while takes_separator(rest) {
        match rest.peek() {
            Some(TokenTree::Ident(segment)) => {
                path.push(segment.to_string());
                rest.next();
            }
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                collect_paths(group.stream(), &path, paths);
                rest.next();
                return;
            }
            // A glob, or the arguments of a generic.
            _ => break,
        }
    }
    if path.len() > 1 {
        paths.push(path);
    }
}

/// Takes `::` if it comes next.
fn takes_separator(rest: &mut Peekable<Iter<'_, TokenTree>>) -> bool {
    let is_colon =
        |token: &&TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ':');
    let is_joint = |token: &&TokenTree| matches!(token, TokenTree::Punct(mark) if mark.spacing() == Spacing::Joint);
    if !rest
        .peek()
        .is_some_and(|token| is_colon(token) && is_joint(token))
    {
        return false;
    }
    rest.next();
    rest.next_if(|token| is_colon(token)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Code {
        Code::parse(text).expect("it is Rust")
    }

    #[test]
    fn comments_strings_and_tests_are_no_code() {
        let text = "/// axum\n#[doc = \"axum\"]\nfn f<'a>() { let a = \"axum \\\" b\"; // axum\n/* axum */ let d = r#\"axum\"#; }\n#[cfg(test)] mod tests { use axum; }\nimpl A { #[cfg(test)] fn axum() {} fn kept() {} }";
        let code = code(text);
        assert!(!code.names("axum"));
        assert!(code.names("kept"));
        assert!(code.has_function("f") && !code.has_function("kept"));
    }

    #[test]
    fn a_text_keeps_its_places() {
        let text =
            "/// äxum\nfn f() { a(\"axum\n\", 'x') } // axum\n/** axum */\nmod x { //! axum\n}\n";
        let code = without_comments(text).expect("it is Rust");
        assert_eq!(code.len(), text.len());
        assert_eq!(code.lines().count(), text.lines().count());
        assert_eq!(code.find("mod x {"), text.find("mod x {"));
        assert_eq!(
            code.split_whitespace().collect::<String>(),
            "fnf(){a(,)}modx{}"
        );
    }

    #[test]
    fn names_are_found_in_macros() {
        assert!(code("fn f() { view! { <p>{axum::x()}</p> } }").names("axum"));
        assert!(!code("fn f() { my_axum() }").names("axum"));
    }

    #[test]
    fn calls_are_found_with_their_arguments() {
        let code = code("fn f() { E::new(A::B, \"c\", g(1, 2)).at(h(new(3))) }");
        let calls = [vec!["A :: B", "\"c\"", "g (1 , 2)"], vec!["3"]];
        assert_eq!(code.calls("new"), calls);
    }

    #[test]
    fn a_name_that_is_passed_on_is_not_used() {
        assert!(!code("pub use a::Name; pub(crate) use b::Name;").uses("Name"));
        assert!(code("use a::Name;").uses("Name"));
    }

    #[test]
    fn groups_of_imports_are_opened() {
        let code = code(
            "use crate::{api::{A, state}, dom, *}; use crate::format; fn f() { m!(crate::paths::g()) }",
        );
        let paths: Vec<String> = code.paths().iter().map(|path| path.join("::")).collect();
        assert_eq!(
            paths,
            [
                "crate::api::A",
                "crate::api::state",
                "crate::dom",
                "crate::format",
                "crate::paths::g",
            ]
        );
    }
}
