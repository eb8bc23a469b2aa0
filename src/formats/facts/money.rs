//! Bets to weigh and bets to settle: not facts, but read as ones, so that every fault is told at once.

use super::loose::object;
use super::question::RaceName;
use super::words::BetOutcomeWord;

object! {
    /// Bets that are thought of, all on one day, and on what terms.
    StakesBody as NewStakes {
        /// Each runner once.
        #[schema(required = true, nullable = false, min_items = 1, max_items = 50)]
        bets = "bets": Vec<BetBody>,
        /// Share that is taken off winnings, 0.08 when left out.
        #[schema(minimum = 0, maximum = 0.5)]
        commission = "commission": f64,
        /// What a bet of 1 shall win on average at `min_price`, 0.05 when left out.
        #[schema(minimum = 0, maximum = 1)]
        edge = "edge": f64,
        /// How much of Kelly to put down, 0.25 when left out and at most.
        #[schema(exclusive_minimum = 0, maximum = 0.25)]
        fraction = "fraction": f64,
        /// The share of the bank that was put down on the same day before, 0 when left out.
        #[schema(minimum = 0, maximum = 1)]
        already_staked_today = "already_staked_today": f64,
    }
}

object! {
    /// A runner, and what is paid if it wins.
    BetBody as NewBet {
        /// The race's natural key.
        #[schema(required = true, nullable = false, value_type = RaceName)]
        race = "race": String,
        /// The number worn.
        #[schema(required = true, nullable = false, minimum = 1, maximum = 10)]
        rug = "rug": i64,
        /// To win, decimal, stake included.
        #[schema(required = true, nullable = false, exclusive_minimum = 1, maximum = 100_000)]
        price = "price": f64,
    }
}

object! {
    /// A bet that was made at a fixed price, and what became of it.
    SettlementBody as NewSettlement {
        /// The amount that was put down, in whole cents.
        #[schema(required = true, nullable = false, minimum = 0.01, maximum = 10_000_000_000.0)]
        stake = "stake": f64,
        /// Decimal, stake included.
        #[schema(required = true, nullable = false, exclusive_minimum = 1, maximum = 100_000)]
        price = "price": f64,
        /// A dead heat is won.
        #[schema(required = true, nullable = false, value_type = BetOutcomeWord)]
        outcome = "outcome": String,
        /// Given where the place that was backed was shared.
        dead_heat = "dead_heat": DeadHeatBody,
        /// Off the face value, stake and winnings, as in Australia: a share of whole cents for each
        /// runner that was withdrawn after the bet. They add up.
        #[schema(max_items = 10)]
        deductions = "deductions": Vec<f64>,
        /// Off the winnings, as Tattersalls' Rule 4 has it: a share of whole pence for each runner
        /// that was withdrawn after the bet. They add up to 0.9 at most.
        #[schema(max_items = 10)]
        rule4 = "rule4": Vec<f64>,
        /// Share that is taken off what is won, 0 when left out.
        #[schema(minimum = 0, maximum = 0.5)]
        commission = "commission": f64,
    }
}

object! {
    /// Who share a place.
    DeadHeatBody as DeadHeat {
        /// Who tied.
        #[schema(required = true, nullable = false, minimum = 2, maximum = 10)]
        runners = "runners": i64,
        /// What they share, 1 when left out, and fewer than they are.
        #[schema(minimum = 1, maximum = 9)]
        places = "places": i64,
    }
}
