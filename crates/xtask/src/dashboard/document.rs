//! The dashboard's document: `index.html` as it is written, and as it is served.

use crate::error::{Context, Failure, Outcome};
use crate::layout;
use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

/// The files of each part's modules, by the name of the part.
pub(crate) type ModuleTable = BTreeMap<String, Vec<String>>;

/// What stands around the two tables of the script that starts the first requests.
const MODULES: (&str, &str) = ("const modules = ", ";\n");
const PAGES: (&str, &str) = ("const pages = ", ";\n");

/// A document of the dashboard.
pub(crate) struct Document(String);

/// A page of the dashboard: its address, its heading, the part that draws it (empty for the main
/// module) and what it asks the API first.
pub(crate) type Page = (String, String, String, Vec<String>);

impl Document {
    /// Reads the document as it is written.
    pub(crate) fn read() -> Outcome<Self> {
        Self::read_from(&layout::root().join("index.html"))
    }

    /// Reads a document.
    pub(crate) fn read_from(path: &Path) -> Outcome<Self> {
        let text = fs::read_to_string(path);
        Ok(Self(
            text.context(format_args!("cannot read {}", path.display()))?,
        ))
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// The stylesheets that it links, in their order.
    pub(super) fn stylesheets(&self) -> Vec<String> {
        let links = self
            .0
            .lines()
            .filter(|line| line.contains("data-trunk") && line.contains("rel=\"css\""));
        links
            .filter_map(|line| line.split_once("href=\"")?.1.split('"').next())
            .map(str::to_owned)
            .collect()
    }

    /// The table of pages. An address that ends in a slash
    /// stands for all below it.
    pub(crate) fn pages(&self) -> Outcome<Vec<Page>> {
        let pages = serde_json::from_str(self.table(PAGES)?).map_err(io::Error::from);
        pages.context("cannot read the pages of index.html")
    }

    /// The modules of each part; none before the dashboard is built.
    pub(crate) fn modules(&self) -> Outcome<ModuleTable> {
        let modules = serde_json::from_str(self.table(MODULES)?).map_err(io::Error::from);
        modules.context("cannot read the modules of index.html")
    }

    /// A table of the script, in JSON.
    fn table(&self, (before, after): (&str, &str)) -> Outcome<&str> {
        let rest = self.0.split_once(before);
        let json = rest.and_then(|(_, rest)| rest.split_once(after));
        let json = json.ok_or_else(|| Failure::new(format!("index.html has no `{before}…`")));
        Ok(json?.0)
    }

    /// The document that is served: with the stylesheet, the files that were built, the script that
    /// starts them, and without what is for trunk or for readers of the source.
    ///
    /// The stylesheet and the script are part of the document. The first paint would wait for a
    /// separate stylesheet, which shares the line with the module; each would be one more request, on
    /// one of the six connections that a browser opens.
    pub(super) fn finished(
        &self,
        stylesheet: &str,
        script: &str,
        module: &str,
        table: &ModuleTable,
    ) -> Outcome<String> {
        let links = format!(
            "<style>{stylesheet}</style>\n\
             <link rel=\"preload\" href=\"/{module}\" as=\"fetch\" type=\"application/wasm\" crossorigin>\n"
        );
        let mut text = String::new();
        let mut linked = false;
        for line in self.0.lines().map(str::trim) {
            if line.contains("data-trunk") {
                if !linked {
                    text.push_str(&links);
                    linked = true;
                }
            } else if line == "</body>" {
                text.push_str(&format!(
                    "<script type=\"module\">{script}</script>\n</body>\n"
                ));
            } else if !line.is_empty() && !is_comment(line) {
                text.push_str(line);
                text.push('\n');
            }
        }
        let modules = serde_json::to_string(table).map_err(io::Error::from);
        let modules = modules.context("cannot write the modules of index.html")?;
        let unbuilt = format!("{}{{}}{}", MODULES.0, MODULES.1);
        if !linked || !text.contains(script) || !text.contains(&unbuilt) {
            return Err(Failure::new("index.html has no place for what was built"));
        }
        Ok(text.replace(&unbuilt, &format!("{}{modules}{}", MODULES.0, MODULES.1)))
    }
}

/// Whether a line is a comment of HTML or JavaScript and nothing else.
fn is_comment(line: &str) -> bool {
    line.starts_with("//") || (line.starts_with("<!--") && line.ends_with("-->"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Document {
        Document(
            "<!doctype html>\n<!-- A comment. -->\n\
             <link data-trunk rel=\"css\" href=\"style/a.css\" />\n\
             <link data-trunk rel=\"css\" href=\"style/b.css\" />\n\
             <script>\n  // Another.\n  const modules = {};\n\
             const pages = [[\"/agents\", \"Agents\", \"agents\", [\"/snapshot\"]]];\n</script>\n</body>\n"
                .to_owned(),
        )
    }

    #[test]
    fn what_was_built_takes_the_place_of_what_trunk_builds() {
        assert_eq!(document().stylesheets(), ["style/a.css", "style/b.css"]);
        let table = ModuleTable::from([("agents".to_owned(), vec!["/agents-1f.wasm".to_owned()])]);
        let page = document()
            .finished("a{color:red}", "start()", "app-4c.wasm", &table)
            .expect("the document has every place");
        for absent in ["data-trunk", "<!--", "//", "a.css"] {
            assert!(!page.contains(absent), "{absent} in {page}");
        }
        for part in [
            "<style>a{color:red}</style>",
            "\"/app-4c.wasm\"",
            ">start()</script>",
        ] {
            assert_eq!(page.matches(part).count(), 1, "{part} in {page}");
        }
        let built = Document(page);
        assert_eq!(built.modules().ok(), Some(table));
        assert_eq!(built.pages().ok(), document().pages().ok());
    }

    #[test]
    fn a_document_without_a_place_for_what_was_built_is_refused() {
        let table = ModuleTable::new();
        for text in [
            "<script>\nconst modules = {};\n</script>",
            "<link data-trunk />",
        ] {
            let document = Document(text.to_owned());
            assert!(
                document.finished("", "start()", "", &table).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn the_document_as_it_is_written_has_tables_that_can_be_read() {
        let document = Document::read().expect("it is there");
        assert!(document.pages().expect("it can be read").len() > 5);
        assert_eq!(document.modules().ok(), Some(ModuleTable::new()));
        assert!(document.stylesheets().len() > 5);
    }
}
