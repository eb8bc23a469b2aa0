//! Nothing of an answer is held back.

use std::time::{Duration, Instant};

use lurcher::bench::{Connection, request};

use crate::world::World;

/// A client's system acknowledges what it has got after so long when it has nothing to say itself.
const ACKNOWLEDGED: Duration = Duration::from_millis(40);

#[test]
fn the_end_of_a_long_answer_does_not_wait_until_its_beginning_is_acknowledged() {
    let world = World::of_season();
    let address = world.address().parse().unwrap();
    let asked = request(address, "/api/races", None);
    let mut connection = Connection::open(address).unwrap();

    let waits = (0..80).map(|_| {
        let began = Instant::now();
        connection.ask(&asked).unwrap();
        assert!(connection.body().unwrap().len() > 20_000);
        began.elapsed()
    });

    // The first are acknowledged at once by a system that gets to know the connection.
    let held_back = waits.skip(40).filter(|wait| *wait >= ACKNOWLEDGED);
    assert!(held_back.count() < 20);
}
