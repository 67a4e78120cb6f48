//! Which module of a crate names which other ones.

use crate::code::Code;
use crate::source::files;
use std::collections::{BTreeMap, BTreeSet};
use syn::{Item, UseTree};

/// A module by its segments below the root of its crate, which has none.
type ModulePath = Vec<String>;

/// The names that a module imports, with the whole paths of what they stand for.
type Imports = BTreeMap<String, ModulePath>;

/// Modules that are siblings, each with those of its siblings that it names, itself or in a module
/// below it.
pub(crate) type Siblings = BTreeMap<String, BTreeSet<String>>;

/// The modules of one crate.
pub(crate) struct Modules(BTreeMap<ModulePath, Module>);

struct Module {
    /// The whole paths that its code names.
    named: Vec<ModulePath>,
    imports: Imports,
}

impl Modules {
    /// The modules below a folder of sources. Tests may name what is above their module.
    pub(crate) fn below(folder: &str) -> Self {
        let is_test = |path: &str| path.contains("/tests/") || path.ends_with("/tests.rs");
        let mut sources = files(folder, ".rs");
        sources.retain(|file| !is_test(&file.path));
        let codes = sources.iter().map(|file| {
            let path = file.path.strip_prefix(folder).unwrap_or(&file.path);
            (path.trim_start_matches('/').to_owned(), Code::of(file))
        });
        Self::of(codes)
    }

    /// The modules of these files, each with its path below the folder of sources.
    fn of(files: impl Iterator<Item = (String, Code)>) -> Self {
        let files: Vec<(ModulePath, Code)> =
            files.map(|(path, code)| (module_of(&path), code)).collect();
        let known: BTreeSet<ModulePath> = files.iter().map(|(path, _)| path.clone()).collect();
        let mut modules = BTreeMap::new();
        for (path, code) in files {
            let paths = code.paths().into_iter();
            let named = paths.filter_map(|named| absolute(&known, &path, &named));
            let mut module = Module {
                named: named.collect(),
                imports: Imports::new(),
            };
            for item in code.items() {
                if let Item::Use(import) = item {
                    collect_imports(&import.tree, &[], &mut |name, imported| {
                        let imported = absolute(&known, &path, imported);
                        module.imports.extend(imported.map(|path| (name, path)));
                    });
                }
            }
            // The library and the program of a crate share its root.
            let root: &mut Module = modules.entry(path).or_insert(Module {
                named: Vec::new(),
                imports: Imports::new(),
            });
            root.named.append(&mut module.named);
            root.imports.append(&mut module.imports);
        }
        Self(modules)
    }

    /// The siblings below each module, by its path as code writes it.
    pub(crate) fn siblings(&self) -> BTreeMap<String, Siblings> {
        let mut levels: BTreeMap<String, Siblings> = BTreeMap::new();
        for (path, module) in &self.0 {
            for home in module.named.iter().map(|named| self.home(named)) {
                let shared = std::iter::zip(path, &home)
                    .take_while(|(one, other)| one == other)
                    .count();
                // A module and those below it are one subject, read together.
                if let (Some(from), Some(to)) = (path.get(shared), home.get(shared)) {
                    let siblings = levels.entry(path[..shared].join("::")).or_default();
                    siblings.entry(from.clone()).or_default().insert(to.clone());
                }
            }
        }
        levels
    }

    /// The module that defines what a whole path names, wherever it is re-exported.
    fn home(&self, named: &[String]) -> ModulePath {
        let mut named = named.to_vec();
        // Imports that lead in a circle do not compile; the number guards against a wrong reading.
        for _ in 0..16 {
            let mut length = named.len();
            while !self.0.contains_key(&named[..length]) {
                match length {
                    0 => return named,
                    _ => length -= 1,
                }
            }
            let imports = &self.0[&named[..length]].imports;
            match named.get(length).and_then(|name| imports.get(name)) {
                Some(imported) if *imported != named => {
                    named = [imported, &named[length + 1..]].concat();
                }
                _ => return named[..length].to_vec(),
            }
        }
        named
    }
}

/// The module that a file is.
fn module_of(path: &str) -> ModulePath {
    let path = path.trim_end_matches(".rs");
    let mut segments: ModulePath = path.split('/').map(str::to_owned).collect();
    let last = segments.last().map(String::as_str);
    if matches!(last, Some("lib" | "main" | "mod")) {
        segments.pop();
    }
    segments
}

/// The whole path of what a module names; `None` for what is not of its crate.
fn absolute(
    known: &BTreeSet<ModulePath>,
    module: &[String],
    named: &[String],
) -> Option<ModulePath> {
    let mut base = module.to_vec();
    let mut rest = named;
    match named.first()?.as_str() {
        "crate" => {
            base.clear();
            rest = &named[1..];
        }
        "self" => rest = &named[1..],
        "super" => {
            while let Some(("super", after)) = rest.split_first().map(|(one, all)| (&**one, all)) {
                base.pop();
                rest = after;
            }
        }
        child => {
            let below = [module, &[child.to_owned()]].concat();
            known.contains(&below).then_some(())?;
        }
    }
    Some([&base, rest].concat())
}

/// Calls back with each name that an import brings, and the path that it stands for.
fn collect_imports(tree: &UseTree, prefix: &[String], found: &mut dyn FnMut(String, &[String])) {
    let with = |name: &syn::Ident| [prefix, &[name.to_string()]].concat();
    match tree {
        UseTree::Path(path) => collect_imports(&path.tree, &with(&path.ident), found),
        UseTree::Group(group) => {
            for tree in &group.items {
                collect_imports(tree, prefix, found);
            }
        }
        UseTree::Name(name) if name.ident == "self" => {
            if let Some(module) = prefix.last() {
                found(module.clone(), prefix);
            }
        }
        UseTree::Name(name) => found(name.ident.to_string(), &with(&name.ident)),
        UseTree::Rename(rename) => found(rename.rename.to_string(), &with(&rename.ident)),
        UseTree::Glob(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_re_exported_is_where_it_is_defined() {
        let files = [
            ("lib.rs", "mod a; pub mod shared; pub use shared::Thing;"),
            (
                "a.rs",
                "mod one; mod two; pub use two::{Two as Second, three};",
            ),
            (
                "a/one.rs",
                "use super::{Second, three}; use crate::Thing; use std::fmt; use super::*;",
            ),
            (
                "a/two.rs",
                "pub struct Two; pub fn three() { self::four(); super::one::five() }",
            ),
            ("shared.rs", "pub struct Thing;"),
        ];
        let parsed =
            |(path, text): (&str, &str)| (path.to_owned(), Code::parse(text).expect("it is Rust"));
        let levels = Modules::of(files.into_iter().map(parsed)).siblings();
        let level = |name: &str, siblings: &[(&str, &str)]| {
            let of = |(from, to): &(&str, &str)| ((*from).to_owned(), [(*to).to_owned()].into());
            (
                name.to_owned(),
                siblings.iter().map(of).collect::<Siblings>(),
            )
        };
        let expected = [
            level("", &[("a", "shared")]),
            level("a", &[("one", "two"), ("two", "one")]),
        ];
        assert_eq!(levels, expected.into());
    }
}
