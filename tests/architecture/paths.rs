//! Every path that a source file names, written out in full: `use` groups flattened, imported names
//! replaced by what they stand for, `self` and `super` resolved.

use syn::visit::{self, Visit};

/// One path as the compiler would see it, `["crate", "store", "Home"]` or `["std", "fs", "write"]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub segments: Vec<String>,
    /// Only compiled for tests: `#[cfg(test)]`, or the `test-hooks` feature.
    pub in_test: bool,
}

/// One macro call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MacroCall {
    pub name: String,
    pub in_test: bool,
}

/// What a file names.
#[derive(Debug, Default)]
pub struct Names {
    pub paths: Vec<Named>,
    pub macros: Vec<MacroCall>,
    pub modules: Vec<String>,
}

/// Reads `source`, which is the module `module` (empty for the crate root).
pub fn names(module: &[String], source: &str, in_test: bool) -> Names {
    let file = syn::parse_file(source).expect("source parses as Rust");
    let mut collector =
        Collector { module: module.to_vec(), in_test, names: Names::default(), imports: Vec::new() };
    collector.visit_file(&file);
    let Collector { mut names, imports, .. } = collector;
    // Imports are known only when the whole file was read; a test's import explains no other code.
    let expanded = names.paths.iter().flat_map(|path| {
        let seen = imports.iter().filter(|import| path.in_test || !import.in_test);
        let matching = seen.filter(|import| import.alias == path.segments[0]);
        matching.map(|import| Named {
            segments: import.target.iter().chain(&path.segments[1..]).cloned().collect(),
            in_test: path.in_test,
        })
    });
    let expanded: Vec<_> = expanded.collect();
    names.paths.extend(expanded);
    names
}

struct Import {
    alias: String,
    target: Vec<String>,
    in_test: bool,
}

struct Collector {
    module: Vec<String>,
    in_test: bool,
    names: Names,
    imports: Vec<Import>,
}

impl Collector {
    fn path(&mut self, segments: &[String]) {
        let segments = self.absolute(segments);
        self.names.paths.push(Named { segments, in_test: self.in_test });
    }

    /// `self::a` and `super::b` from the crate root; our own name is the crate root as well.
    fn absolute(&self, segments: &[String]) -> Vec<String> {
        let climbs = segments.iter().take_while(|s| *s == "super").count();
        let (base, rest) = match segments[0].as_str() {
            "crate" | "mesh_onboard" => (&[][..], &segments[1..]),
            "self" => {
                // `self` is also a value; a lone one names nothing.
                if segments.len() == 1 {
                    return segments.to_vec();
                }
                let more = segments[1..].iter().take_while(|s| *s == "super").count();
                (&self.module[..self.module.len().saturating_sub(more)], &segments[1 + more..])
            }
            "super" => (&self.module[..self.module.len().saturating_sub(climbs)], &segments[climbs..]),
            _ => return segments.to_vec(),
        };
        std::iter::once("crate".to_owned()).chain(base.iter().chain(rest).cloned()).collect()
    }

    fn use_tree(&mut self, prefix: &[String], tree: &syn::UseTree) {
        let with = |ident: &syn::Ident| [prefix, &[ident.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.use_tree(&with(&path.ident), &path.tree),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.use_tree(prefix, item)),
            syn::UseTree::Glob(_) => self.path(&[prefix, &["*".to_owned()]].concat()),
            syn::UseTree::Name(name) if name.ident == "self" => {
                self.import(prefix.last().cloned().unwrap_or_default(), prefix.to_vec());
            }
            syn::UseTree::Name(name) => self.import(name.ident.to_string(), with(&name.ident)),
            syn::UseTree::Rename(rename) if rename.ident == "self" => {
                self.import(rename.rename.to_string(), prefix.to_vec());
            }
            syn::UseTree::Rename(rename) => self.import(rename.rename.to_string(), with(&rename.ident)),
        }
    }

    fn import(&mut self, alias: String, target: Vec<String>) {
        self.path(&target);
        let target = self.absolute(&target);
        self.imports.push(Import { alias, target, in_test: self.in_test });
    }

    fn within(&mut self, attributes: &[syn::Attribute], visit: impl FnOnce(&mut Self)) {
        let before = self.in_test;
        self.in_test |= attributes.iter().any(is_for_tests);
        visit(self);
        self.in_test = before;
    }
}

/// `#[cfg(test)]` and `#[cfg(feature = "test-hooks")]`, but not their opposite.
fn is_for_tests(attribute: &syn::Attribute) -> bool {
    let syn::Meta::List(list) = &attribute.meta else { return attribute.path().is_ident("test") };
    let condition: String = list.tokens.to_string().split_whitespace().collect();
    attribute.path().is_ident("cfg")
        && !condition.contains("not(")
        && (condition == "test"
            || condition.contains("(test")
            || condition.contains(",test")
            || condition.contains("feature=\"test-hooks\""))
}

impl<'ast> Visit<'ast> for Collector {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        use syn::Item;
        let attributes = match item {
            Item::Const(i) => &i.attrs[..],
            Item::Enum(i) => &i.attrs,
            Item::Fn(i) => &i.attrs,
            Item::Impl(i) => &i.attrs,
            Item::Macro(i) => &i.attrs,
            Item::Mod(i) => &i.attrs,
            Item::Static(i) => &i.attrs,
            Item::Struct(i) => &i.attrs,
            Item::Trait(i) => &i.attrs,
            Item::Type(i) => &i.attrs,
            Item::Use(i) => &i.attrs,
            _ => &[],
        };
        self.within(attributes, |this| visit::visit_item(this, item));
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.within(&function.attrs, |this| visit::visit_impl_item_fn(this, function));
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        self.within(&local.attrs, |this| visit::visit_local(this, local));
    }

    fn visit_expr(&mut self, expression: &'ast syn::Expr) {
        use syn::Expr;
        let attributes = match expression {
            Expr::Block(e) => &e.attrs[..],
            Expr::Call(e) => &e.attrs,
            Expr::If(e) => &e.attrs,
            Expr::MethodCall(e) => &e.attrs,
            _ => &[],
        };
        self.within(attributes, |this| visit::visit_expr(this, expression));
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.names.modules.push(module.ident.to_string());
        self.module.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.use_tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<_> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        self.path(&segments);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let name = call.path.segments.last().map(|s| s.ident.to_string()).unwrap_or_default();
        self.names.macros.push(MacroCall { name, in_test: self.in_test });
        for path in paths_in_tokens(&call.tokens.to_string()) {
            if path.last().is_some_and(|last| last == "!") {
                let name = path[path.len() - 2].clone();
                self.names.macros.push(MacroCall { name, in_test: self.in_test });
            } else {
                self.path(&path);
            }
        }
        visit::visit_macro(self, call);
    }
}

/// The paths among the tokens of a macro call, which is not parsed as Rust. String literals are passed
/// over. A path that ends in `!` is itself a macro call.
fn paths_in_tokens(tokens: &str) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    let mut rest = tokens;
    // Whether the last thing read was `::` after a path, which the next word continues.
    let mut continues = false;
    while let Some(first) = rest.chars().next() {
        if first == '"' {
            let mut escaped = false;
            let end = rest[1..].find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            rest = end.map_or("", |end| &rest[end + 2..]);
            continues = false;
        } else if first.is_alphabetic() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let word = rest[..end].to_owned();
            match found.last_mut() {
                Some(path) if continues => path.push(word),
                _ => found.push(vec![word]),
            }
            continues = false;
            rest = rest[end..].trim_start();
            if rest.starts_with('!')
                && !rest.starts_with("!=")
                && let Some(path) = found.last_mut()
            {
                path.push("!".to_owned());
            }
        } else if let Some(after) = rest.strip_prefix("::") {
            continues = true;
            rest = after.trim_start();
        } else {
            continues = false;
            rest = &rest[first.len_utf8()..];
        }
    }
    found
}
