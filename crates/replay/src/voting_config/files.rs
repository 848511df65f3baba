//! Reading the files that a voting service names.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use tidemill_configuration::KeyPath;
use tidemill_model::Token;
use tidemill_store::{read_bounties_file, read_bribes, read_price_series, read_votes};

use super::VotingConfig;
use crate::ConfigError;
use crate::config::open_beside;

impl VotingConfig {
    pub(super) fn failed(&self, error: &dyn std::fmt::Display) -> ConfigError {
        ConfigError::Voting { name: self.name(), error: error.to_string() }
    }

    /// As [`failed`](Self::failed), because of one of its keys.
    pub(super) fn failed_at(&self, key: &str, error: &dyn std::fmt::Display) -> ConfigError {
        self.failed(error).at(KeyPath::of("voting").key(key))
    }

    /// Reads the files that the configuration names, from `folder`.
    ///
    /// Errors: [`ConfigError::Voting`], with what is wrong with the file.
    pub fn read_files(
        &mut self,
        folder: &Path,
        tokens: &[&Token],
        quote_decimals: u8,
    ) -> Result<(), ConfigError> {
        let locked = tokens.iter().find(|token| token.symbol == self.token);
        let decimals = locked.map_or(0, |token| token.decimals);
        let is_gauge = |name: &str| self.is_gauge(name);
        if let Some(name) = &self.votes {
            let (shown, text) = self.open(folder, name, "votes")?;
            let votes = read_votes(&shown, text, decimals, &is_gauge);
            self.others = Some(votes.map_err(|error| self.failed_at("votes", &error))?);
        }
        let is_gauge = |name: &str| self.is_gauge(name);
        if let Some(name) = &self.bribes {
            let (shown, text) = self.open(folder, name, "bribes")?;
            let token = |symbol: &str| self.bribe_token.get(self.bribe_token(symbol)?);
            let decimals_of = |symbol: &str| token(symbol).map(|token| token.decimals());
            let bribes = read_bribes(&shown, text, &is_gauge, &decimals_of);
            self.posted = Some(bribes.map_err(|error| self.failed_at("bribes", &error))?);
        }
        if let Some(name) = &self.bounties {
            let bounties = read_bounties_file(&folder.join(name));
            let bounties = bounties.map_err(|error| self.failed_at("bounties", &error));
            self.recorded = Some(bounties?);
        }
        for place in 0..self.bribe_token.len() {
            let Some(name) = self.bribe_token.get(place).and_then(|token| token.prices.clone())
            else {
                continue;
            };
            let prices = KeyPath::of("voting.bribe_token").item(place).key("prices");
            let opened = open_beside(folder, &name);
            let (shown, text) = opened.map_err(|error| self.failed(&error).at(prices.clone()))?;
            let series = read_price_series(&shown, text, quote_decimals);
            let series = series.map_err(|error| self.failed(&error).at(prices))?;
            if let Some(token) = self.bribe_token.get_mut(place) {
                token.series = Some(series);
            }
        }
        Ok(())
    }

    fn open(
        &self,
        folder: &Path,
        name: &str,
        key: &str,
    ) -> Result<(String, BufReader<File>), ConfigError> {
        open_beside(folder, name).map_err(|error| self.failed_at(key, &error))
    }
}
