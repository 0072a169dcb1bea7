//! Who may come in: one-time codes and the password are exchanged for tokens, and each request
//! of the API shows a token. Times come in.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crate::workbench::refusal::{Refusal, WAIT};
use crate::workbench::scope::Scope;
use crate::workbench::secret::{Hash, fresh};
use crate::workbench::tokens::Tokens;

/// How long a code can be used.
const CODE_LIFE: Duration = Duration::from_mins(10);

/// So many codes wait at once; the oldest makes way.
const CODES: usize = 32;

/// So many wrong codes and passwords in [`SPELL`] are too many, whoever they come from: then
/// none is looked at for as long.
const WRONG: usize = 10;

/// What they are counted over.
const SPELL: Duration = Duration::from_secs(WAIT);

/// The codes, the tokens and the password.
#[derive(Debug)]
pub struct Pass {
    login: Option<Hash>,
    /// Guards all that changes; nothing is awaited under it.
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    codes: Vec<Code>,
    tokens: Tokens,
    /// When the last wrong ones came.
    wrong: Vec<SystemTime>,
    /// When looking at codes was stopped.
    stopped: Option<SystemTime>,
}

#[derive(Debug)]
struct Code {
    hash: Hash,
    scope: Scope,
    made: SystemTime,
}

impl Pass {
    /// A pass whose tokens are kept in `folder`. Without one, or where that cannot be used
    /// (why is the second of the pair), they live as long as the process.
    pub fn new(
        login: Option<&str>,
        folder: Option<PathBuf>,
        now: SystemTime,
    ) -> (Self, Option<std::io::Error>) {
        let (tokens, failed) = match folder.map(|folder| Tokens::of_folder(folder, now)) {
            None => (Tokens::in_memory(), None),
            Some(Ok(tokens)) => (tokens, None),
            Some(Err(error)) => (Tokens::in_memory(), Some(error)),
        };
        let state = State { codes: Vec::new(), tokens, wrong: Vec::new(), stopped: None };
        let login = login.map(|password| Hash::of(password.as_bytes()));
        (Self { login, state: Mutex::new(state) }, failed)
    }

    /// Whether there is a password.
    pub fn has_login(&self) -> bool {
        self.login.is_some()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new code (128 bits) for one token that may so much.
    pub fn code(&self, scope: Scope, now: SystemTime) -> Result<String, Refusal> {
        let code = fresh::<16>()?;
        let mut state = self.state();
        state.codes.retain(|code| is_within(code.made, now, CODE_LIFE));
        if state.codes.len() >= CODES {
            state.codes.remove(0);
        }
        state.codes.push(Code { hash: Hash::of(code.as_bytes()), scope, made: now });
        Ok(code)
    }

    /// A token is given back.
    pub fn leave(&self, token: &str) {
        self.state().tokens.forget(token);
    }

    /// A token for a code, which is used up.
    pub fn enter_by_code(&self, code: &str, now: SystemTime) -> Result<(String, Scope), Refusal> {
        // Of 128 bits none is guessed: wrong ones keep nobody out.
        let mut state = self.state();
        state.codes.retain(|code| is_within(code.made, now, CODE_LIFE));
        let hash = Hash::of(code.as_bytes());
        let Some(place) = state.codes.iter().position(|code| code.hash.is(&hash)) else {
            return Err(wrong("the code is not, or no more, good")
                .hint("a link works once, for ten minutes: start `sockeye workbench` anew"));
        };
        let scope = state.codes.remove(place).scope;
        state.admit(scope, now)
    }

    /// A token for the password.
    pub fn enter_by_password(
        &self,
        password: &str,
        now: SystemTime,
    ) -> Result<(String, Scope), Refusal> {
        let mut state = self.state();
        state.may_try(now)?;
        let hash = Hash::of(password.as_bytes());
        if !self.login.is_some_and(|login| login.is(&hash)) {
            state.note_wrong(now);
            let hint = if self.login.is_some() {
                "it is the first line of the file that was given by `--login`"
            } else {
                "this server has none: it was started without `--login`"
            };
            return Err(wrong("the password is not the one").hint(hint));
        }
        state.admit(Scope::Act, now)
    }

    /// What a token may, if it is good.
    pub fn scope(&self, token: &str, now: SystemTime) -> Option<Scope> {
        self.state().tokens.scope(token, now)
    }
}

impl State {
    fn may_try(&mut self, now: SystemTime) -> Result<(), Refusal> {
        if self.stopped.is_some_and(|at| is_within(at, now, SPELL)) {
            return Err(Refusal::too_often());
        }
        Ok(())
    }

    fn note_wrong(&mut self, now: SystemTime) {
        self.wrong.retain(|at| is_within(*at, now, SPELL));
        self.wrong.push(now);
        if self.wrong.len() >= WRONG {
            self.wrong.clear();
            self.stopped = Some(now);
        }
    }

    /// A new token (256 bits).
    fn admit(&mut self, scope: Scope, now: SystemTime) -> Result<(String, Scope), Refusal> {
        let token = fresh::<32>()?;
        let added = self.tokens.add(&token, scope, now);
        added.map_err(|error| Refusal::io("cannot keep the token", &error))?;
        Ok((token, scope))
    }
}

fn wrong(text: &str) -> Refusal {
    Refusal::new(axum::http::StatusCode::UNAUTHORIZED, "E-enter", text)
}

/// Whether less than `time` has passed since; a clock that was set back has not moved.
fn is_within(since: SystemTime, now: SystemTime, time: Duration) -> bool {
    now.duration_since(since).unwrap_or_default() < time
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn pass(login: Option<&str>) -> (Pass, SystemTime) {
        let now = SystemTime::UNIX_EPOCH + Duration::from_hours(1);
        (Pass::new(login, None, now).0, now)
    }

    fn status(result: Result<(String, Scope), Refusal>) -> u16 {
        result.map_or_else(|refusal| refusal.status.as_u16(), |_| 200)
    }

    #[test]
    fn a_code_works_once_and_its_token_may_what_the_code_was_made_for() {
        let (pass, now) = pass(None);
        for scope in [Scope::Look, Scope::Act] {
            let code = pass.code(scope, now).expect("made");
            assert_eq!(code.len(), 22);
            let (token, may) = pass.enter_by_code(&code, now).expect("in");
            assert_eq!((token.len(), may), (43, scope));
            assert_eq!(pass.scope(&token, now), Some(scope));
            assert_eq!(status(pass.enter_by_code(&code, now)), 401);
            assert_eq!(pass.scope(&code, now), None);
        }
    }

    #[test]
    fn a_code_is_good_for_ten_minutes() {
        let (pass, now) = pass(None);
        let (first, second) = (pass.code(Scope::Act, now), pass.code(Scope::Act, now));
        let enter =
            |code: Result<String, _>, at| status(pass.enter_by_code(&code.expect("made"), at));
        assert_eq!(enter(first, now + CODE_LIFE - SECOND), 200);
        assert_eq!(enter(second, now + CODE_LIFE), 401);
    }

    #[test]
    fn after_ten_wrong_passwords_in_a_minute_not_even_the_right_one_is_looked_at_for_a_minute() {
        let (pass, now) = pass(Some("correct horse battery"));
        let code = pass.code(Scope::Act, now).expect("made");
        for _ in 0..WRONG {
            assert_eq!(status(pass.enter_by_password("wrong", now)), 401);
            assert_eq!(status(pass.enter_by_code("wrong", now)), 401);
        }
        let right = "correct horse battery";
        assert_eq!(status(pass.enter_by_password(right, now + SPELL - SECOND)), 429);
        assert_eq!(status(pass.enter_by_password(right, now + SPELL)), 200);
        assert_eq!(status(pass.enter_by_code(&code, now)), 200, "codes are not guessed");
    }

    #[test]
    fn nine_wrong_ones_a_minute_stop_nobody() {
        let (pass, now) = pass(Some("correct horse battery"));
        for minute in 0..5 {
            let at = now + minute * SPELL;
            for _ in 1..WRONG {
                assert_eq!(status(pass.enter_by_password("wrong", at)), 401);
            }
        }
        assert_eq!(status(pass.enter_by_password("correct horse battery", now)), 200);
    }

    #[test]
    fn without_a_login_no_password_is_right() {
        let (pass, now) = pass(None);
        assert_eq!(status(pass.enter_by_password("", now)), 401);
        assert_eq!(pass.scope("", now), None);
    }
}
