//! Who makes a change.

/// Who makes a change: a session by its public id, or the control plane itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor(String);

impl Actor {
    /// The control plane itself: a watcher, a command on the machine.
    #[must_use]
    pub fn system() -> Self {
        Self("system".to_owned())
    }

    /// The session with this public id, which opens nothing, and this label.
    #[must_use]
    pub fn session(public_id: &str, label: &str) -> Self {
        Self::labelled("session", public_id, label)
    }

    /// The API token with this public id and label.
    #[must_use]
    pub fn token(id: &str, label: &str) -> Self {
        Self::labelled("token", id, label)
    }

    fn labelled(kind: &str, id: &str, label: &str) -> Self {
        match label {
            "" => Self(format!("{kind}:{id}")),
            label => Self(format!("{kind}:{id} {label}")),
        }
    }

    /// As the audit log names it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which events of the audit log are read. An absent field lets every event through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only events older than the one with this id.
    pub before: Option<i64>,
    /// Only events at or after this time, in Unix seconds.
    pub since: Option<i64>,
    /// Only events before this time, in Unix seconds.
    pub until: Option<i64>,
    /// Only this action and those below it: `provider` lets `provider.key.set` through.
    pub action: Option<String>,
    /// Only this target, or every target of a kind: `provider`, `provider:openrouter`.
    pub target: Option<String>,
    /// Only this actor, or every actor of a kind: `token`, `token:f0695afab27cea63`.
    pub actor: Option<String>,
    /// Only events with each of these words.
    pub words: Vec<AuditWord>,
}

/// A word that events are searched for. It is in an event if its text is in the actor, action,
/// target, a field or a value, or if the event has one of what the word stands for. The case of
/// ASCII letters does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditWord {
    /// The text.
    pub text: String,
    /// The actions that the word stands for.
    pub actions: Vec<String>,
    /// The actors that the word stands for.
    pub actors: Vec<String>,
    /// The targets that the word stands for.
    pub targets: Vec<String>,
    /// The fields that the word stands for.
    pub fields: Vec<String>,
}

/// What a field was before and after an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedValue {
    /// The field.
    pub field: String,
    /// Its value before; `None` if it had none.
    pub before: Option<String>,
    /// Its value after; `None` if it has none.
    pub after: Option<String>,
}

/// An event of the audit log, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// The number of the event; later events have higher ones.
    pub id: i64,
    /// When it happened, in Unix seconds.
    pub at: i64,
    /// Who did it, as [`Actor::as_str`] names them.
    pub actor: String,
    /// What was done, such as `provider.key.set`.
    pub action: String,
    /// What changed, such as `provider:openrouter`.
    pub target: String,
    /// The fields that changed.
    pub fields: Vec<String>,
    /// What some of them were before and after.
    pub values: Vec<ChangedValue>,
}
