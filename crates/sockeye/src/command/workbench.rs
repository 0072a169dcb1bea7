//! `sockeye workbench`: the workbench in the browser.

mod knock;
mod kept;
mod place;

use std::io::{IsTerminal as _, Read as _};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{ExitCode, Stdio};
use std::sync::Arc;
use std::time::SystemTime;

use sockeye_net::circle::Forbidden;
use sockeye_web::workbench::api;
use sockeye_web::workbench::desk::{self, Desk};
use sockeye_web::workbench::house::{House, Setting};
use sockeye_web::workbench::hub::Hub;
use sockeye_web::workbench::meaning::Reach;
use sockeye_web::workbench::refusal::Refusal;
use sockeye_web::workbench::scope::Scope;
use sockeye_workbench::closing::Closing;
use tempfile::TempDir;

use crate::args::shared::{Keep, Messages};
use crate::args::workbench::Workbench;
use crate::failure::Failed;
use crate::stage::{self, Needs, Stage};

/// The shortest password, in characters.
const PASSWORD: usize = 12;

/// So much of the password's file is read, in bytes.
const PASSWORD_FILE: u64 = 4096;

/// Runs the command.
pub(crate) async fn run(args: Workbench) -> ExitCode {
    let keep = Keep { json: args.json, ..Keep::nothing() };
    let needs = Needs { numbered: false, input: false, output: false };
    let stage = match Stage::set(&keep, &Messages::none(), needs, false) {
        Ok(stage) => stage,
        Err(failed) => return stage::fail(&failed, args.json),
    };
    let result = serve(&args, &stage).await;
    stage.end(result).await
}

async fn serve(args: &Workbench, stage: &Stage) -> Result<Option<Closing>, Failed> {
    let login = args.login.as_deref().map(password).transpose()?;
    let mut kept = kept::open(args.data.as_deref(), &stage.journal)?;
    let listener = place::bind(args, &stage.journal).await?;
    let called = place::own(&listener, args)?;
    let own = listener.address();
    let setting = Setting {
        own: called,
        kept: kept.as_ref().map(|kept| kept.folder.clone()),
        exec: args.allow_exec,
        login,
        scratch: kept.as_ref().map_or_else(std::env::temp_dir, |kept| kept.folder.clone()),
        now: SystemTime::now,
        stop: stage.stop.clone(),
    };
    let (house, unkept) = House::open(setting).map_err(failed)?;
    if let Some(error) = unkept {
        kept::say_not_kept(&stage.journal, &sockeye_text::cause::plain(&error));
    }
    let home = house.own.home();
    if let Some(kept) = &mut kept {
        kept.sign(&home);
        let answering = knock::answer(&kept.folder, Arc::clone(&house), stage.stop.clone());
        if let Err(error) = answering {
            let why = sockeye_text::cause::plain(&error);
            stage.journal.say(format!("warning: a second start gets no link: {why}"));
        }
    }
    stage.ready(&home, &[]).await;
    let link = house.link(Scope::Act).map_err(failed)?;
    stage.journal.link(&link);
    stage.journal.settle().await;
    if !args.no_open {
        browse(&link);
    }
    let (desk, _temporary) = desk(&house, own, stage)?;
    api::serve(listener, house, desk, Arc::clone(&stage.journal)).await;
    Ok(None)
}

/// The desk, with its tapes in the folder that is kept, or in one that is gone with it.
fn desk(
    house: &House,
    own: Option<SocketAddr>,
    stage: &Stage,
) -> Result<(Arc<Desk>, Option<TempDir>), Failed> {
    let cannot = |error| Failed::io("cannot make a folder for the tapes", &error);
    let (folder, temporary) = if let Some(kept) = &house.setting.kept {
        (kept.join("runs"), None)
    } else {
        let temporary = TempDir::with_prefix("sockeye-").map_err(cannot)?;
        (temporary.path().to_owned(), Some(temporary))
    };
    let setting = desk::Setting {
        folder,
        reach: if house.setting.exec { Reach::Machine } else { Reach::Network },
        forbidden: Forbidden::new(own),
        now: jiff::Zoned::now,
        version: env!("CARGO_PKG_VERSION"),
        stop: stage.stop.clone(),
    };
    let hub = Hub::new(Arc::clone(&house.board));
    let desk = Desk::new(setting, Arc::clone(&house.files), hub).map_err(cannot)?;
    Ok((desk, temporary))
}

fn failed(refusal: Refusal) -> Failed {
    Failed { code: refusal.code.into_owned(), text: refusal.text, hint: refusal.hint }
}

/// Opens the browser where a person sits at a desktop. Where that fails, the link is printed.
fn browse(link: &str) {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if !std::io::stderr().is_terminal() || !(is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")) {
        return;
    }
    let mut opener = tokio::process::Command::new("xdg-open");
    opener.arg(link).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    drop(opener.spawn());
}

/// The password: the file's first line.
fn password(path: &Path) -> Result<String, Failed> {
    let shown = sockeye_text::safe::one_line(&path.to_string_lossy()).into_owned();
    let cannot = |error| Failed::io(format!("cannot read `{shown}` (--login)"), &error);
    let file = std::fs::File::open(path).map_err(cannot)?;
    if file.metadata().map_err(cannot)?.permissions().mode() & 0o077 != 0 {
        return Err(Failed {
            code: "E-denied".to_owned(),
            text: format!("`{shown}` (--login) can be read by others than you"),
            hint: Some(format!("chmod 600 {}", shell_words::quote(&shown))),
        });
    }
    let mut text = String::new();
    file.take(PASSWORD_FILE).read_to_string(&mut text).map_err(cannot)?;
    let first = text.lines().next().unwrap_or_default();
    if first.chars().count() < PASSWORD {
        return Err(Failed::usage(
            format!("the first line of `{shown}` (--login) is shorter than {PASSWORD} characters"),
            "as in: head -c 18 /dev/urandom | base64 > password.txt; chmod 600 password.txt",
        ));
    }
    Ok(first.to_owned())
}
