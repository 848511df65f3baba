//! What the environment says of an S3-compatible store.

use std::fmt;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::{BackoffConfig, ClientOptions, RetryConfig};

use crate::s3::credentials_file::CredentialsFileError;

pub(crate) mod credentials_file;

/// How an S3-compatible store is reached: endpoint, region, credentials, and how often a request
/// is tried.
///
/// Comes from the environment alone, and is never shown.
#[derive(Clone)]
pub struct S3Settings {
    values: Vec<(AmazonS3ConfigKey, String)>,
    attempts: usize,
    secrets: Vec<String>,
}

/// What is wrong with the environment's word on an S3-compatible store. No value is repeated.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum S3SettingsError {
    /// Nothing says who asks.
    #[error(
        "no credentials in the environment; allowed are AWS_ACCESS_KEY_ID with \
         AWS_SECRET_ACCESS_KEY, AWS_SHARED_CREDENTIALS_FILE, AWS_WEB_IDENTITY_TOKEN_FILE with \
         AWS_ROLE_ARN, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, AWS_METADATA_ENDPOINT, or \
         AWS_SKIP_SIGNATURE=true"
    )]
    NoCredentials,
    /// One of two variables is set that belong together.
    #[error("{given} is set and {missing} is not")]
    Half {
        /// The one that is set.
        given: &'static str,
        /// The one that is not.
        missing: &'static str,
    },
    /// A variable says what it cannot say.
    #[error("{name} is not {expected} (not shown, since it may hold a secret)")]
    Variable {
        /// The variable.
        name: &'static str,
        /// What is allowed.
        expected: &'static str,
    },
    /// The file of credentials.
    #[error(transparent)]
    File(#[from] CredentialsFileError),
}

/// The variables that say where the store is and who asks, and what the store's client calls them.
/// Others of the same prefix are not looked at.
const VARIABLES: [(&str, AmazonS3ConfigKey); 17] = [
    (KEY_ID, AmazonS3ConfigKey::AccessKeyId),
    (SECRET, AmazonS3ConfigKey::SecretAccessKey),
    (TOKEN, AmazonS3ConfigKey::Token),
    ("AWS_DEFAULT_REGION", AmazonS3ConfigKey::DefaultRegion),
    ("AWS_REGION", AmazonS3ConfigKey::Region),
    ("AWS_ENDPOINT_URL", AmazonS3ConfigKey::Endpoint),
    ("AWS_ENDPOINT_URL_S3", AmazonS3ConfigKey::S3Endpoint),
    ("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", AmazonS3ConfigKey::VirtualHostedStyleRequest),
    (IDENTITY, AmazonS3ConfigKey::WebIdentityTokenFile),
    (ROLE, AmazonS3ConfigKey::RoleArn),
    ("AWS_ROLE_SESSION_NAME", AmazonS3ConfigKey::RoleSessionName),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", AmazonS3ConfigKey::ContainerCredentialsRelativeUri),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", AmazonS3ConfigKey::ContainerCredentialsFullUri),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", AmazonS3ConfigKey::ContainerAuthorizationTokenFile),
    ("AWS_METADATA_ENDPOINT", AmazonS3ConfigKey::MetadataEndpoint),
    ("AWS_SKIP_SIGNATURE", AmazonS3ConfigKey::SkipSignature),
    ("AWS_REQUEST_PAYER", AmazonS3ConfigKey::RequestPayer),
];

const KEY_ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET: &str = "AWS_SECRET_ACCESS_KEY";
const TOKEN: &str = "AWS_SESSION_TOKEN";
const IDENTITY: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";
const ROLE: &str = "AWS_ROLE_ARN";
const ATTEMPTS: &str = "AWS_MAX_ATTEMPTS";

/// How often a request is tried where the environment does not say.
const DEFAULT_ATTEMPTS: usize = 6;

/// How long one request may take: a file of a gibibyte at 4 MB/s.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(300);

/// From when on a request that failed is not tried again.
const RETRY_TIMEOUT: Duration = Duration::from_secs(60);

impl S3Settings {
    /// Reads the environment of this process.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn from_environment() -> Result<Self, S3SettingsError> {
        Self::read(&|name| std::env::var(name).ok())
    }

    /// Reads variables, whoever has them: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
    /// `AWS_SESSION_TOKEN`, `AWS_REGION`, `AWS_ENDPOINT_URL` and others that `docs/data.md` lists.
    ///
    /// # Errors
    ///
    /// [`S3SettingsError`] for the first variable that is wrong, and where none says who asks.
    pub fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, S3SettingsError> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let mut values = Vec::new();
        for (name, key) in VARIABLES {
            values.extend(variable(name).map(|value| (key, value)));
        }
        belong_together(&variable, KEY_ID, SECRET)?;
        belong_together(&variable, IDENTITY, ROLE)?;
        if let Some(path) = variable("AWS_SHARED_CREDENTIALS_FILE")
            && variable(KEY_ID).is_none()
        {
            let profile = variable("AWS_PROFILE").unwrap_or_else(|| "default".to_owned());
            values.extend(credentials_file::read(path.as_ref(), &profile)?);
        }
        let allows_http = flag(&variable, "AWS_ALLOW_HTTP")?;
        flag(&variable, "AWS_VIRTUAL_HOSTED_STYLE_REQUEST")?;
        flag(&variable, "AWS_REQUEST_PAYER")?;
        for name in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"] {
            variable(name).map_or(Ok(()), |url| check_endpoint(name, &url, allows_http))?;
        }
        let says_who = |(key, _): &(AmazonS3ConfigKey, String)| {
            matches!(
                key,
                AmazonS3ConfigKey::AccessKeyId
                    | AmazonS3ConfigKey::WebIdentityTokenFile
                    | AmazonS3ConfigKey::ContainerCredentialsRelativeUri
                    | AmazonS3ConfigKey::ContainerCredentialsFullUri
                    | AmazonS3ConfigKey::MetadataEndpoint
            )
        };
        if !flag(&variable, "AWS_SKIP_SIGNATURE")? && !values.iter().any(says_who) {
            return Err(S3SettingsError::NoCredentials);
        }
        if allows_http {
            let key = AmazonS3ConfigKey::Client(object_store::ClientConfigKey::AllowHttp);
            values.push((key, "true".to_owned()));
        }
        let attempts = variable(ATTEMPTS).map_or(Ok(DEFAULT_ATTEMPTS), |text| {
            let attempts = text.parse().ok().filter(|attempts| (1..=20).contains(attempts));
            let expected = "a number from 1 to 20";
            attempts.ok_or(S3SettingsError::Variable { name: ATTEMPTS, expected })
        })?;
        let secrets = values.iter().filter(|(key, _)| is_secret(*key));
        let secrets = secrets.map(|(_, value)| value.clone()).collect();
        Ok(Self { values, attempts, secrets })
    }

    /// Returns a client of a bucket.
    pub(crate) fn client(&self, bucket: &str) -> object_store::Result<AmazonS3> {
        let backoff = BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(5),
            base: 2.0,
        };
        let retry = RetryConfig {
            backoff,
            max_retries: self.attempts.saturating_sub(1),
            retry_timeout: RETRY_TIMEOUT,
        };
        let options = ClientOptions::new().with_timeout(REQUEST_TIMEOUT);
        let mut builder = AmazonS3Builder::new().with_client_options(options).with_retry(retry);
        for (key, value) in &self.values {
            builder = builder.with_config(*key, value);
        }
        builder.with_bucket_name(bucket).build()
    }

    /// Returns what no error may repeat.
    pub(crate) fn secrets(&self) -> &[String] {
        &self.secrets
    }
}

fn is_secret(key: AmazonS3ConfigKey) -> bool {
    matches!(
        key,
        AmazonS3ConfigKey::AccessKeyId
            | AmazonS3ConfigKey::SecretAccessKey
            | AmazonS3ConfigKey::Token
            | AmazonS3ConfigKey::ContainerCredentialsRelativeUri
            | AmazonS3ConfigKey::ContainerCredentialsFullUri
    )
}

fn belong_together(
    variable: &impl Fn(&str) -> Option<String>,
    one: &'static str,
    other: &'static str,
) -> Result<(), S3SettingsError> {
    match (variable(one).is_some(), variable(other).is_some()) {
        (true, false) => Err(S3SettingsError::Half { given: one, missing: other }),
        (false, true) => Err(S3SettingsError::Half { given: other, missing: one }),
        (true, true) | (false, false) => Ok(()),
    }
}

fn flag(
    variable: &impl Fn(&str) -> Option<String>,
    name: &'static str,
) -> Result<bool, S3SettingsError> {
    match variable(name).as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(S3SettingsError::Variable { name, expected: "true or false" }),
    }
}

/// An address without a user, a query or a fragment, where secrets hide.
fn check_endpoint(name: &'static str, url: &str, allows_http: bool) -> Result<(), S3SettingsError> {
    let wrong = |expected| Err(S3SettingsError::Variable { name, expected });
    let host = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(host), _) => host,
        (None, Some(host)) if allows_http => host,
        (None, Some(_)) => return wrong("encrypted; https://, or AWS_ALLOW_HTTP=true, is allowed"),
        (None, None) => return wrong("a URL such as https://host:9000"),
    };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/[]".contains(&byte);
    if host.is_empty() || host.starts_with('/') || !host.bytes().all(is_plain) {
        return wrong("a URL such as https://host:9000, without a user or a query");
    }
    Ok(())
}

impl fmt::Debug for S3Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("S3Settings").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
