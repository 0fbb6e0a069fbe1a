use super::kind::Facts;
use super::{Define, Kind, Namespace, ObjectId, Renaming, compared};
use crate::catalog::{Catalog, Scope, Used};
use crate::extension;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::Lowering;
use crate::sorted::{SortedMap, SortedSet};
use crate::sql::Writer;

/// A configuration of the text search: which dictionaries see which kinds of words.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct TextSearchConfiguration {
    /// The parser.
    pub parser: QualifiedName,
    /// The dictionaries of each kind of words, in their order.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub mappings: SortedMap<String, Vec<QualifiedName>>,
}

impl TextSearchConfiguration {
    pub(super) const FACTS: Facts = Facts {
        noun: "text search configuration",
        keywords: "TEXT SEARCH CONFIGURATION",
        namespace: Namespace::Schema,
        on_table: None,
        securable: None,
    };

    /// The kinds of words that the parser of PostgreSQL finds.
    pub const TOKENS: [&'static str; 23] = [
        "asciiword", "word", "numword", "email", "url", "host", "sfloat", "version", "hword_numpart", "hword_part",
        "hword_asciipart", "blank", "tag", "protocol", "numhword", "asciihword", "hword", "url_path", "file", "float",
        "int", "uint", "entity",
    ];

    /// The names of the configurations that a major version of PostgreSQL has.
    pub fn names_of_system(major: u32) -> impl Iterator<Item = &'static str> + Clone {
        const LANGUAGES: [&str; 29] = [
            "arabic", "armenian", "basque", "catalan", "danish", "dutch", "english", "finnish", "french", "german",
            "greek", "hindi", "hungarian", "indonesian", "irish", "italian", "lithuanian", "nepali", "norwegian",
            "portuguese", "romanian", "russian", "serbian", "spanish", "swedish", "tamil", "turkish", "yiddish",
            "simple",
        ];
        LANGUAGES.into_iter().chain((major >= 18).then_some("estonian"))
    }

    /// What `COPY = name` takes over from a configuration of PostgreSQL, of whatever version (`snowball_create.pl`); `None`:
    /// there is no such one.
    pub fn of_system(name: &str) -> Option<Self> {
        TextSearchConfiguration::names_of_system(u32::MAX).find(|known| *known == name)?;
        let dictionary = |language: &str| match language {
            "simple" => QualifiedName::in_schema("pg_catalog", "simple"),
            language => QualifiedName::in_schema("pg_catalog", format!("{language}_stem")),
        };
        // Words in Latin letters beside another script.
        let of_ascii = if matches!(name, "russian" | "hindi") { "english" } else { name };
        let mut mappings = SortedMap::new();
        for token in TextSearchConfiguration::TOKENS {
            let language = match token {
                "blank" | "tag" | "protocol" | "entity" => continue,
                "asciiword" | "hword_asciipart" | "asciihword" => of_ascii,
                "word" | "hword_part" | "hword" => name,
                _ => "simple",
            };
            mappings.insert(token.to_owned(), vec![dictionary(language)]);
        }
        Some(TextSearchConfiguration { parser: QualifiedName::in_schema("pg_catalog", "default"), mappings })
    }

    fn lower_mappings(
        words: &'static str,
        id: &ObjectId,
        mappings: &SortedMap<&str, &Vec<QualifiedName>>,
        plan: &mut Lowering,
    ) {
        // Kinds with the same dictionaries are told together.
        let mut grouped: SortedMap<&Vec<QualifiedName>, Vec<&str>> = SortedMap::new();
        for (token, dictionaries) in mappings {
            grouped.entry(dictionaries).or_default().push(token);
        }
        for (dictionaries, tokens) in grouped {
            let writer = id.write(Writer::new().keyword("ALTER TEXT SEARCH CONFIGURATION")).keyword(words);
            let writer = writer.comma_separated(tokens, |writer, token| writer.identifier(token)).keyword("WITH");
            plan.sql(writer.comma_separated(dictionaries, |writer, name| writer.name(name)).finish());
        }
    }
}

impl Define for TextSearchConfiguration {
    fn note_uses(&self, _id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        let is_own = |name: &&QualifiedName| name.schema != "pg_catalog";
        let parser = std::iter::once(&self.parser).filter(is_own);
        uses.extend(parser.map(|name| Used::Object(ObjectId::new(Kind::TextSearchParser, name.clone()))));
        for name in self.mappings.values().flatten().filter(is_own) {
            let dictionary = ObjectId::new(Kind::TextSearchDictionary, name.clone());
            if scope.catalog.object(&dictionary).is_none()
                && let Some(extension) = extension::providing_template(&name.name)
            {
                uses.insert(Used::Extension(extension.to_owned()));
            }
            uses.insert(Used::Object(dictionary));
        }
    }

    fn follow(&mut self, _id: &ObjectId, renaming: &Renaming<'_>) {
        let Renaming::Object { from, to, .. } = renaming else { return };
        match from.kind {
            Kind::TextSearchParser if from.name == self.parser => (*to).clone_into(&mut self.parser),
            Kind::TextSearchDictionary => {
                for name in self.mappings.values_mut().flatten().filter(|name| **name == from.name) {
                    (*to).clone_into(name);
                }
            }
            _ => {}
        }
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        let writer = id.write(Writer::new().keyword("CREATE TEXT SEARCH CONFIGURATION"));
        plan.sql(writer.parenthesized(|writer| writer.keyword("PARSER =").name(&self.parser)).finish());
        let all = self.mappings.iter().map(|(token, dictionaries)| (token.as_str(), dictionaries)).collect();
        TextSearchConfiguration::lower_mappings("ADD MAPPING FOR", id, &all, plan);
    }

    fn change(&self, id: &ObjectId, to: &Self, _before: &Catalog, plan: &mut Lowering) -> bool {
        if self.parser != to.parser {
            return false;
        }
        let gone: Vec<&String> = self.mappings.keys().filter(|token| !to.mappings.contains_key(*token)).collect();
        if !gone.is_empty() {
            let writer = id.write(Writer::new().keyword("ALTER TEXT SEARCH CONFIGURATION"));
            let writer = writer.keyword("DROP MAPPING FOR");
            plan.sql(writer.comma_separated(gone, |writer, token| writer.identifier(token)).finish());
        }
        let (mut added, mut altered) = (SortedMap::new(), SortedMap::new());
        for (token, dictionaries) in &to.mappings {
            match self.mappings.get(token) {
                None => added.insert(token.as_str(), dictionaries),
                Some(before) if before != dictionaries => altered.insert(token.as_str(), dictionaries),
                Some(_) => None,
            };
        }
        TextSearchConfiguration::lower_mappings("ALTER MAPPING FOR", id, &altered, plan);
        TextSearchConfiguration::lower_mappings("ADD MAPPING FOR", id, &added, plan);
        true
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        let mut differences: Vec<_> =
            compared("parser", Some(&self.parser.name), Some(&found.parser.name)).into_iter().collect();
        let told = |configuration: &Self, token: &str| {
            let dictionaries = configuration.mappings.get(token)?;
            let names: Vec<&str> = dictionaries.iter().map(|name| name.name.as_str()).collect();
            Some(format!("{token} with {}", names.join(", ")))
        };
        for token in self.mappings.keys().chain(found.mappings.keys()).collect::<SortedSet<_>>() {
            let (one, other) = (told(self, token), told(found, token));
            if one != other {
                differences.push(("mapping", one, other));
            }
        }
        differences
    }
}
