//! The edge of the door: hostile clients, and what every answer owes to every client.

mod bombs;
mod cross_site;
mod descriptors;
mod dress;
mod encoding;
mod injection;
mod odd_json;
mod payloads;
mod prompt;
mod slow_clients;
mod strange_names;
mod uploads;
mod wire;
