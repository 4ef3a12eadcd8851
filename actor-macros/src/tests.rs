//! The whole line on token streams: what must hold whatever the actor.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::quote;

use crate::pipeline::actor;

/// An actor with something of everything.
fn example() -> TokenStream {
    quote! {
        #[allow(dead_code)]
        impl<K: Hash + Eq, V: Clone, const N: usize> module::Cache<K, V, N> where V: Debug {
            const LIMIT: usize = { 1 };
            pub fn new() -> Self { Cache { map: HashMap::new() } }
            /// Gets.
            #[deprecated]
            #[inline]
            pub async fn get(&mut self, key: K, cx: &mut Context<Self>) -> Option<V> { self.lookup(&key) }
            pub fn put(&mut self, (key, value): (K, V), _: [u8; N]) -> io::Result<Option<V>> { Ok(None) }
            #[tell] pub(crate) fn log(&mut self, line: &str, mut raw: &[u8]) { .. }
            pub fn later(&mut self, reply: Reply<Result<V, Full>>) { self.waiting.push(reply) }
            #[ask(value)] #[handler] fn whole(&self, other: Box<Self>) -> Result<u8, u8> { Ok(1) }
            #[every("5s", missed = skip, immediate)] async fn ping(&mut self) -> Result<(), E> { Ok(()) }
            #[on_start] fn start(&mut self, cx: &mut Context<Self>) { }
            #[on_stop] async fn stop(&mut self, why: &Exit) { }
            #[skip] pub fn size(&self) -> usize { 1 }
            fn lookup(&self, key: &K) -> Option<V> { self.map.get(key).cloned() }
        }
    }
}

fn expand(options: TokenStream, item: TokenStream) -> String {
    let code = actor(options, item);
    syn::parse2::<syn::File>(code.clone()).unwrap_or_else(|error| panic!("{error}\n{code}"));
    code.to_string()
}

fn errors(code: &str) -> usize {
    code.matches("compile_error").count()
}

#[test]
fn the_example_expands_without_errors() {
    let code = expand(quote!(mailbox = 8, debug), example());
    assert_eq!(errors(&code), 0, "{code}");
}

#[test]
fn bodies_are_emitted_as_they_were() {
    let body = quote!({ self. if let + 1 ; #![odd] << }).to_string();
    let body_tokens: TokenStream = body.parse().expect("tokens");
    let code = actor(quote!(), quote! { impl A { pub fn f(&self) -> u8 #body_tokens } }).to_string();
    assert!(code.contains(&body), "{code}");
    assert_eq!(errors(&code), 0, "{code}");
}

#[test]
fn all_errors_are_reported_at_once_in_the_order_of_the_items() {
    let code = expand(
        quote!(mailbx = 1),
        quote! {
            impl A {
                pub fn f(&self) -> &u32 { &self.n }
                #[every] fn t(&mut self) {}
                pub fn g(&mut self, v: &mut u8) {}
                pub fn fine(&self) -> u32 { 1 }
            }
        },
    );
    let order = ["mailbx", "borrows from the actor", "needs a period", "cannot carry"];
    let found: Vec<usize> =
        order.iter().map(|text| code.find(text).unwrap_or_else(|| panic!("{text} in {code}"))).collect();
    assert_eq!(errors(&code), 4);
    assert!(found.is_sorted(), "{found:?}");
}

#[test]
fn on_an_error_the_impl_and_the_sound_handlers_stay() {
    let code = expand(
        quote!(),
        quote! { impl A { #[tell] #[evry] pub fn bad(&self) -> u8 { 1 } #[tell] pub fn fine(&self) {} } },
    );
    assert!(!code.contains("# [tell]") && !code.contains("# [evry]"), "{code}");
    assert!(code.contains("pub fn bad (& self) -> u8 { 1 }"), "{code}");
    assert!(code.contains("Fine { }") && !code.contains("Bad {"), "{code}");
    for part in ["pub enum AMessage", "pub struct AHandle", "Actor for A"] {
        assert!(code.contains(part), "{part} in {code}");
    }
}

#[test]
fn cfg_is_copied_to_every_site() {
    let sites = |item: TokenStream| expand(quote!(), item).matches("# [cfg (unix)]").count();
    // The method, the variant, two names (`Debug` and `Message`), the handle's method, the arm, what says whether it
    // is async, two probes.
    assert_eq!(sites(quote! { impl A { #[cfg(unix)] pub fn f(&self, x: Missing) -> Missing {} } }), 9);
    // The method, the table, the counted place, the arm.
    assert_eq!(sites(quote! { impl A { #[cfg(unix)] #[every("1s")] fn f(&self) {} } }), 4);
    // The method and the hook.
    assert_eq!(sites(quote! { impl A { #[cfg(unix)] #[on_start] fn f(&self) {} } }), 2);
    // Each item, whatever their number.
    let code = actor(quote!(), quote! { #[cfg(unix)] impl A { pub fn f(&self) {} } });
    for item in syn::parse2::<syn::File>(code).expect("items").items {
        let item = quote!(#item).to_string();
        assert!(item.contains("# [cfg (unix)]"), "{item}");
    }
}

#[test]
fn docs_and_deprecated_go_to_the_handle_and_nothing_else_does() {
    let code = expand(quote!(), example());
    assert_eq!(code.matches(r#"# [doc = r" Gets."]"#).count(), 2, "{code}");
    assert_eq!(code.matches("# [deprecated]").count(), 2);
    // The user's own, one on each method of the handle, and one on what runs the handlers that are not async.
    assert_eq!(code.matches("# [inline]").count(), 7);
}

#[test]
fn a_struct_is_emitted_as_it_was() {
    let item = quote!(
        #[derive(Debug)]
        pub struct Cache<K = u8>
        where
            K: Copy,
        {
            map: Vec<K>,
        }
    );
    let code = expand(quote!(mailbox = CAPACITY, name = "a"), item.clone());
    assert!(code.starts_with(&item.to_string()), "{code}");
    assert!(code.contains("impl < K > Cache < K > where K : Copy"), "{code}");
}

/// Each example with one token left out, at any depth.
fn without_one_token(tokens: &TokenStream) -> Vec<TokenStream> {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut variants = Vec::new();
    for index in 0..trees.len() {
        let with = |middle: Option<TokenTree>| -> TokenStream {
            trees[..index].iter().cloned().chain(middle).chain(trees[index + 1..].iter().cloned()).collect()
        };
        variants.push(with(None));
        if let TokenTree::Group(group) = &trees[index] {
            for inside in without_one_token(&group.stream()) {
                variants.push(with(Some(Group::new(group.delimiter(), inside).into())));
            }
        }
    }
    variants
}

#[test]
fn no_missing_token_makes_the_macro_fail() {
    let state = quote!(
        #[derive(Debug)]
        pub struct Cache<K>
        where
            K: Copy,
        {
            map: Vec<K>,
        }
    );
    for item in without_one_token(&example()).into_iter().chain(without_one_token(&state)) {
        let code = actor(quote!(mailbox = 8), item).to_string();
        assert!(!code.contains("macro failed"), "{code}");
    }
    for options in without_one_token(&quote!(mailbox = 8, overflow = wait, crate = a::b, ask_timeout = "5s", debug)) {
        let _ = actor(options, quote!(impl A {}));
    }
}
