//! A small generator whose seed is the data, so that one history always gives one answer.

use super::Reading;

/// SplitMix64 (Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators, 2014).
pub(super) struct Random(u64);

impl Random {
    pub(super) fn of(readings: &[Reading]) -> Self {
        let mut random = Self(0);
        for reading in readings {
            random.0 ^= reading.day.to_bits();
            random.0 = random.next() ^ reading.bytes.to_bits();
            random.0 = random.next();
        }
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below a bound that is not zero; the bias of the remainder is below 2^-50 for lists of readings.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number of the standard normal distribution (Box and Muller 1958).
    pub(super) fn normal(&mut self) -> f64 {
        let length = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        length * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// A number of the chi-square distribution, over its degrees of freedom (Wilson and Hilferty 1931).
    pub(super) fn chi_square_share(&mut self, freedom: f64) -> f64 {
        let part = 2.0 / (9.0 * freedom);
        (1.0 - part + self.normal() * part.sqrt()).max(0.05).powi(3)
    }
}
