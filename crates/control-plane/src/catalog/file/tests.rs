use super::*;

const GOOD: &str =
    "providers:\n  mine:\n    base_url: https://gw.example\n    api_key_env: MINE_KEY\n";

/// Waits until a change has brought these names. A writer may be caught between two of its steps,
/// so that there may be more than one.
async fn until(layer: &FileLayer, wanted: &[&str], path: &Path) {
    let mut changes = layer.changes();
    let seen = async {
        while names(layer) != wanted || layer.state().path != path {
            changes.changed().await.unwrap();
        }
    };
    let patience = std::time::Duration::from_secs(30);
    let waited = tokio::time::timeout(patience, seen).await;
    assert!(waited.is_ok(), "{:?}", layer.state());
}

fn names(layer: &FileLayer) -> Vec<String> {
    let state = layer.state();
    state
        .entries
        .iter()
        .map(|entry| entry.name.clone())
        .collect()
}

#[tokio::test]
async fn a_file_is_seen_that_appears_in_a_directory_that_was_not_there() {
    let home = tempfile::tempdir().unwrap();
    let layer = FileLayer::open(ProvidersPath::below(home.path()));
    assert_eq!(layer.state().state, ProvidersFileState::Missing);
    let own = home.path().join(".waypost/providers.local.yaml");
    assert_eq!(layer.state().path, own);

    let folder = home.path().join(".agentbreeder");
    let other = folder.join("providers.local.yaml");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(&other, GOOD).unwrap();
    until(&layer, &["mine"], &other).await;

    // Waypost's own file comes before it, although it is empty.
    std::fs::create_dir(own.parent().unwrap()).unwrap();
    std::fs::write(&own, "version: 1\n").unwrap();
    until(&layer, &[], &own).await;
}

#[tokio::test]
async fn a_directory_that_is_deleted_and_made_again_is_followed() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("etc");
    let path = folder.join("providers.yaml");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(&path, GOOD).unwrap();
    let layer = FileLayer::open(ProvidersPath::named(path.clone()));
    assert_eq!(names(&layer), ["mine"]);
    std::fs::remove_dir_all(&folder).unwrap();
    until(&layer, &[], &path).await;
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(&path, GOOD).unwrap();
    until(&layer, &["mine"], &path).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_behind_a_link_is_followed() {
    let home = tempfile::tempdir().unwrap();
    let (real, link) = (home.path().join("real"), home.path().join("link"));
    std::fs::create_dir(&real).unwrap();
    std::fs::create_dir(&link).unwrap();
    std::fs::write(real.join("file.yaml"), "").unwrap();
    std::os::unix::fs::symlink(real.join("file.yaml"), link.join("file.yaml")).unwrap();
    let path = link.join("file.yaml");
    let layer = FileLayer::open(ProvidersPath::named(path.clone()));
    std::fs::write(real.join("file.yaml"), GOOD).unwrap();
    until(&layer, &["mine"], &path).await;
}

#[tokio::test]
async fn what_was_never_read_well_has_nothing_to_keep() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("providers.yaml");
    std::fs::create_dir(&path).unwrap();
    let layer = FileLayer::open(ProvidersPath::named(path));
    let state = layer.state();
    assert_eq!(state.state, ProvidersFileState::Failed);
    assert_eq!(state.problems[0].code, "unreadable");
    assert_eq!(state.entries, []);
}

#[tokio::test]
async fn the_last_good_reading_stays_through_several_bad_ones() {
    let good = FileState {
        state: ProvidersFileState::Loaded,
        ..next(
            &FileState::missing(),
            (PathBuf::from("f"), Ok(Some(GOOD.into()))),
        )
    };
    let mut state = good.clone();
    for bad in ["providers: [", "\u{0}", "providers: 1"] {
        state = next(&state, (PathBuf::from("f"), Ok(Some(bad.into()))));
        assert_eq!(state.state, ProvidersFileState::KeptLastGood);
        assert_eq!(state.entries, good.entries);
        let whole = state
            .problems
            .iter()
            .filter(|problem| problem.entry.is_none());
        assert_eq!(whole.count(), 1, "{:?}", state.problems);
    }
    let again = next(&state, (PathBuf::from("f"), Ok(Some(GOOD.into()))));
    assert_eq!(again.problems, []);
}

#[tokio::test]
async fn a_file_that_cannot_be_watched_says_so_and_is_read_all_the_same() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("providers.yaml");
    std::fs::write(&path, GOOD).unwrap();
    let layer = FileLayer::open(ProvidersPath::named(path));
    *layer.shared.unwatched() = Some("too many watches".to_owned());
    layer.shared.read();
    let state = layer.state();
    assert_eq!(state.problems[0].code, "not_watched");
    assert!(state.problems[0].message.contains("(too many watches)"));
    assert_eq!(names(&layer), ["mine"]);
    *layer.shared.unwatched() = None;
    layer.shared.read();
    assert_eq!(layer.state().problems, []);
}
