//! The arguments of the commands that tell what an address, a port, a name is.

use std::net::IpAddr;

use clap::Args;

/// `sockeye addr`.
#[derive(Debug, Args)]
#[command(after_help = "\
Alone: this machine's interfaces, addresses, gateways and name servers. With an address: what
it is, bit by bit. With a network and another address: whether they reach each other directly.

Examples:
  sockeye addr
  sockeye addr 192.168.5.6
  sockeye addr 192.168.5.6/24
  sockeye addr 10.1.2.3/255.255.240.0 10.1.16.1
  sockeye addr 2001:db8::1/64 --json")]
pub(crate) struct Addr {
    /// An address, with a mask if there is one: /24 or /255.255.255.0
    #[arg(value_name = "ADDRESS[/MASK]")]
    pub(crate) address: Option<String>,
    /// Another address
    #[arg(value_name = "OTHER")]
    pub(crate) other: Option<IpAddr>,
    /// As a JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `sockeye port`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sockeye port 8888
  sockeye port https
  sockeye port 443 --json")]
pub(crate) struct Port {
    /// A number, or the name of a service
    #[arg(value_name = "N|NAME")]
    pub(crate) port: String,
    /// As a JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `sockeye resolve`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sockeye resolve localhost
  sockeye resolve localhost --json")]
pub(crate) struct Resolve {
    /// The name
    pub(crate) name: String,
    /// As a JSON object
    #[arg(long)]
    pub(crate) json: bool,
}
