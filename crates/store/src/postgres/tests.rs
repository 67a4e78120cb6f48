//! What only PostgreSQL has: a server that may be away, other processes, its migrations.

mod encryption;
mod notifications;
mod opening;
mod outages;
mod writers;
