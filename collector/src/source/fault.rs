//! Turns the errors of the network crates into ours, dropping every text.

use std::error::Error;
use std::io;

use crate::source::{NetworkKind, SourceError, TlsKind};

/// Reads a failed HTTP exchange.
pub(super) fn from_http(error: &reqwest::Error) -> SourceError {
    from_chain(error).unwrap_or_else(|| match error {
        error if error.is_timeout() => SourceError::TimedOut,
        error if error.is_connect() => NetworkKind::Other.into(),
        _ => NetworkKind::Closed.into(),
    })
}

/// Reads a failed socket, TLS errors inside it included.
pub(super) fn from_io(error: &io::Error) -> SourceError {
    if let Some(tls) = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
    {
        return from_tls(tls).into();
    }
    match error.kind() {
        io::ErrorKind::TimedOut => SourceError::TimedOut,
        io::ErrorKind::ConnectionRefused => NetworkKind::Refused.into(),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            NetworkKind::Unreachable.into()
        }
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::NotConnected
        | io::ErrorKind::UnexpectedEof => NetworkKind::Closed.into(),
        _ => NetworkKind::Other.into(),
    }
}

/// Reads a failed handshake.
pub(super) fn from_tls(error: &rustls::Error) -> TlsKind {
    use rustls::{AlertDescription, CertificateError, Error};
    match error {
        Error::InvalidCertificate(reason) => match reason {
            CertificateError::ApplicationVerificationFailure => TlsKind::PinMismatch,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                TlsKind::WrongName
            }
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => TlsKind::OutsideValidity,
            _ => TlsKind::UntrustedCertificate,
        },
        Error::PeerIncompatible(_)
        | Error::AlertReceived(
            AlertDescription::ProtocolVersion | AlertDescription::HandshakeFailure,
        ) => TlsKind::NoCommonVersion,
        _ => TlsKind::Handshake,
    }
}

/// Walks the causes to the first that says more than "failed".
fn from_chain(error: &reqwest::Error) -> Option<SourceError> {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(from_tls(tls).into());
        }
        if let Some(kind) = error.downcast_ref::<NetworkKind>() {
            return Some((*kind).into());
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            match from_io(error) {
                SourceError::Network {
                    kind: NetworkKind::Other,
                } => {}
                known => return Some(known),
            }
            // The cause of a wrapped error is not the wrapped error itself, so look inside.
            cause = error.get_ref().map(|inner| inner as &(dyn Error + 'static));
            continue;
        }
        cause = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::CertificateError;

    #[test]
    fn tls_error_inside_an_io_error_is_found() {
        let tls = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let error = io::Error::new(io::ErrorKind::InvalidData, tls);
        assert_eq!(from_io(&error), TlsKind::UntrustedCertificate.into());
    }

    #[test]
    fn certificate_for_another_name_is_told_from_an_untrusted_one() {
        let error = rustls::Error::InvalidCertificate(CertificateError::NotValidForName);
        assert_eq!(from_tls(&error), TlsKind::WrongName);
    }

    #[test]
    fn reset_counts_as_closed() {
        let error = io::Error::from(io::ErrorKind::ConnectionReset);
        assert_eq!(from_io(&error), NetworkKind::Closed.into());
    }
}
