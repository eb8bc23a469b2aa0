//! Orders that are made of known powers.

use proptest::prelude::*;

use super::super::placing::Order;
use super::*;

/// So wide that only the races count.
const OPEN: Toward = Toward {
    discount: Discount::NONE,
    spread: 100.0,
};

fn places(order: &[usize], field: usize) -> Vec<Option<Place>> {
    let place = |n| (1..).zip(order).find(|(_, o)| **o == n);
    (0..field).map(|n| Place::new(place(n)?.0).ok()).collect()
}

fn powers(second: f64, third: f64) -> Discount {
    Discount::new(second, third).unwrap()
}

/// What is told of an order of three.
#[derive(Clone, Copy)]
enum Said {
    Order,
    Placed,
}

/// Races of five, every order of the first three as often as the powers say.
fn races_of(discount: Discount, count: f64, said: Said) -> Vec<Finished> {
    let win = Chances::new(&[0.4, 0.25, 0.2, 0.1, 0.05]).unwrap();
    let model = Order::new(&win, discount);
    let mut races = Vec::new();
    for order in (0..125).map(|n| [n / 25, n / 5 % 5, n % 5]) {
        let Ok(chance) = model.chance(&order) else {
            continue;
        };
        let race = match said {
            Said::Order => Finished::new(win.clone(), &places(&order, 5), &[None; 5]),
            Said::Placed => {
                let placed: Vec<_> = (0..5).map(|n| Some(order.contains(&n))).collect();
                Finished::new(win.clone(), &places(&order[..1], 5), &placed)
            }
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a small count"
        )]
        let times = (chance.get() * count).round() as usize;
        races.extend(std::iter::repeat_n(race.unwrap(), times));
    }
    races
}

#[test]
fn the_fit_finds_the_powers_that_made_the_orders() {
    let races = races_of(powers(0.53, 0.58), 20_000.0, Said::Order);

    let fit = fit(&races, OPEN).unwrap();

    let found = [1, 2].map(|others| fit.discount.behind(others));
    assert!((found[0] - 0.53).abs() < 2e-3, "{fit:?}");
    assert!((found[1] - 0.58).abs() < 2e-3, "{fit:?}");
    assert!((0.005..0.05).contains(&fit.second_se), "{fit:?}");
}

#[test]
fn who_was_placed_tells_the_powers_too_but_less_surely() {
    let truth = powers(0.53, 0.75);

    let whole = fit(&races_of(truth, 20_000.0, Said::Order), OPEN).unwrap();
    let placed = fit(&races_of(truth, 20_000.0, Said::Placed), OPEN).unwrap();

    let found = [1, 2].map(|others| placed.discount.behind(others));
    assert!((found[0] - 0.53).abs() < 1e-2, "{placed:?}");
    assert!((found[1] - 0.75).abs() < 1e-2, "{placed:?}");
    assert_eq!(placed.races, whole.races);
    assert!(
        placed.third_se > 1.5 * whole.third_se,
        "{placed:?} {whole:?}"
    );
}

#[test]
fn a_dead_heat_ends_the_order_before_it() {
    let win = Chances::new(&[0.25; 4]).unwrap();
    let order = |places: [i64; 4]| {
        let places = places.map(|place| Place::new(place).ok());
        Finished::new(win.clone(), &places, &[None; 4])
            .unwrap()
            .order
    };

    assert_eq!(order([1, 2, 3, 4]), [0, 1, 2]);
    assert_eq!(order([1, 2, 2, 4]), [0]);
    assert_eq!(order([1, 1, 3, 4]), [0_usize; 0]);
    assert!(Finished::new(win, &[None; 3], &[None; 4]).is_err());
}

#[test]
fn with_two_paid_places_the_other_placed_one_was_second() {
    let win = Chances::new(&[0.25; 4]).unwrap();
    let of = |placed: [Option<bool>; 4]| {
        let race = Finished::new(win.clone(), &places(&[2], 4), &placed).unwrap();
        (race.order, race.either)
    };
    let (yes, no) = (Some(true), Some(false));

    assert_eq!(of([no, yes, yes, no]), (vec![2, 1], None));
    assert_eq!(of([yes, yes, yes, no]), (vec![2], Some([0, 1])));
    assert_eq!(of([yes, yes, yes, None]), (vec![2], None));
    assert_eq!(of([no, no, yes, no]), (vec![2], None));
}

#[test]
fn few_races_leave_the_powers_where_they_were() {
    let toward = Toward {
        discount: powers(0.9, 0.7),
        spread: 0.1,
    };
    let seconds = |toward, count| {
        let races = races_of(powers(0.5, 0.5), count, Said::Order);
        fit(&races, toward).unwrap().discount.behind(1)
    };

    let [none, few, many] = [0.0, 100.0, 100_000.0].map(|count| seconds(toward, count));

    assert!((none - 0.9).abs() < 1e-9, "{none}");
    assert!(0.6 < few && few < 0.9, "{few}");
    assert!((many - 0.5).abs() < 5e-3, "{many}");
}

#[test]
fn chances_that_are_all_alike_teach_nothing() {
    let even = Chances::new(&[0.25; 4]).unwrap();
    let race = Finished::new(even, &places(&[0, 1, 2], 4), &[None; 4]).unwrap();

    let fit = fit(
        &vec![race; 500],
        Toward {
            discount: powers(0.6, 0.7),
            spread: 0.1,
        },
    )
    .unwrap();

    assert_eq!(fit.discount, powers(0.6, 0.7));
    assert!((fit.second_se - 0.1).abs() < 1e-9, "{fit:?}");
}

proptest! {
    #[test]
    fn slopes_are_those_of_the_likelihood(
        raw in prop::collection::vec(0.01_f64..1.0, 4..9),
        second in 0.2_f64..1.5,
        third in 0.2_f64..1.5,
        told in any::<bool>(),
    ) {
        let sum: f64 = raw.iter().sum();
        let win = Chances::new(&raw.iter().map(|p| p / sum).collect::<Vec<_>>()).unwrap();
        let field = raw.len();
        let placed: Vec<_> = (0..field).map(|n| Some(n < 3)).collect();
        let known = if told { &[1, 0, 2][..] } else { &[1] };
        let race = Finished::new(win, &places(known, field), &placed).unwrap();
        let ways = race.ways();
        let h = 1e-4;
        let at = |s: f64, t: f64| likelihood(&ways, [second + s * h, third + t * h]);

        let mut found = Told::default();
        found.add(&ways, [second, third]);

        prop_assert_eq!(ways.len(), if told { 1 } else { 2 });
        prop_assert!((found.gradient[0] - (at(1.0, 0.0) - at(-1.0, 0.0)) / (2.0 * h)).abs() < 1e-5);
        prop_assert!((found.gradient[1] - (at(0.0, 1.0) - at(0.0, -1.0)) / (2.0 * h)).abs() < 1e-5);
        let curved = (at(1.0, 0.0) + at(-1.0, 0.0) - 2.0 * at(0.0, 0.0)) / (h * h);
        prop_assert!((found.whole[0] - found.lost[0] + curved).abs() < 1e-4);
        let mixed = at(1.0, 1.0) - at(1.0, -1.0) - at(-1.0, 1.0) + at(-1.0, -1.0);
        prop_assert!((found.lost[1] - mixed / (4.0 * h * h)).abs() < 1e-4);
    }
}
