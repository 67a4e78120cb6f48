//! Mounts the dashboard.

fn main() {
    waypost_dashboard::app::mount();
}
