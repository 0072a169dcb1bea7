//! All proxies by name, and what can be asked of them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use serde::Serialize;
use sockeye_net::dial::Dial;
use sockeye_workbench::access::Access;
use sockeye_workbench::journal::Journal;
use sockeye_workbench::plan::Plan;
use tokio_util::sync::CancellationToken;

use crate::toxiproxy::draft::{self, ProxyDraft, ToxicDraft};
use crate::toxiproxy::proxy::{Proxy, Reach, Shown};
use crate::toxiproxy::refusal::Refusal;
use crate::toxiproxy::toxic::Toxic;

/// So many proxies at most: each takes a descriptor, and two for each of its callers.
pub const MOST: usize = 256;

/// What all proxies have in common.
#[derive(Debug)]
pub struct Setting {
    /// Where their conversations are told.
    pub journal: Arc<Journal>,
    /// What is done in each conversation, beside the faults.
    pub plan: Plan,
    /// How upstreams are dialled.
    pub how: Dial,
    /// Who may call a proxy.
    pub access: Access,
    /// Where the API is: no proxy may call it.
    pub control: SocketAddr,
    /// What all draws come from.
    pub seed: u64,
    /// Cancelled when the run ends.
    pub stop: CancellationToken,
}

/// The proxies. Their order is their names'.
#[derive(Debug)]
pub struct Proxies {
    setting: Setting,
    all: BTreeMap<String, Proxy>,
}

/// What a client asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// `GET /proxies`.
    Index,
    /// `POST /proxies`.
    Create(ProxyDraft),
    /// `POST /populate`.
    Populate(Vec<ProxyDraft>),
    /// `POST /reset`.
    Reset,
    /// `GET /proxies/{proxy}`.
    Show(String),
    /// `PATCH /proxies/{proxy}`.
    Update(String, ProxyDraft),
    /// `DELETE /proxies/{proxy}`.
    Delete(String),
    /// `GET /proxies/{proxy}/toxics`.
    Toxics(String),
    /// `POST /proxies/{proxy}/toxics`.
    AddToxic(String, ToxicDraft),
    /// `GET /proxies/{proxy}/toxics/{toxic}`.
    ShowToxic(String, String),
    /// `PATCH /proxies/{proxy}/toxics/{toxic}`.
    UpdateToxic(String, String, ToxicDraft),
    /// `DELETE /proxies/{proxy}/toxics/{toxic}`.
    RemoveToxic(String, String),
}

/// What is answered: a status code, and JSON unless there is nothing to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// JSON.
    pub body: Option<String>,
}

impl Reply {
    /// A value as JSON.
    pub fn json(status: u16, value: &impl Serialize) -> Self {
        // Strings, numbers, lists and maps of them: there is nothing in them that could fail.
        Self { status, body: Some(serde_json::to_string(value).unwrap_or_default()) }
    }

    fn nothing() -> Self {
        Self { status: 204, body: None }
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        Self::json(refusal.status, &refusal)
    }
}

/// What `POST /populate` answers.
#[derive(Debug, Serialize)]
struct Populated<'p> {
    #[serde(flatten)]
    refusal: Option<Refusal>,
    /// `null` where nothing was begun.
    proxies: Option<Vec<Shown<'p>>>,
}

impl Proxies {
    /// No proxies.
    pub fn new(setting: Setting) -> Self {
        Self { setting, all: BTreeMap::new() }
    }

    /// Does what is asked for.
    pub async fn obey(&mut self, order: Order) -> Reply {
        let done = match order {
            Order::Index => return self.index(),
            Order::Populate(drafts) => return self.populate(drafts).await,
            Order::Create(draft) => self.create(draft).await,
            Order::Reset => self.reset().await,
            Order::Show(name) => self.get(&name).map(|proxy| Reply::json(200, &proxy.shown())),
            Order::Update(name, draft) => self.update(&name, draft).await,
            Order::Delete(name) => self.delete(&name).await,
            Order::Toxics(name) => self.get(&name).map(|proxy| Reply::json(200, &proxy.toxics())),
            Order::AddToxic(name, draft) => self.add_toxic(&name, draft),
            Order::ShowToxic(name, toxic) => {
                self.get(&name).and_then(|proxy| Ok(Reply::json(200, find(proxy, &toxic)?)))
            }
            Order::UpdateToxic(name, toxic, draft) => self.update_toxic(&name, &toxic, draft),
            Order::RemoveToxic(name, toxic) => self.remove_toxic(&name, &toxic),
        };
        done.unwrap_or_else(Reply::from)
    }

    /// A new proxy, which listens unless the draft says otherwise.
    ///
    /// # Errors
    ///
    /// Where the draft names no proxy that there could be, or it cannot listen.
    pub async fn create(&mut self, draft: ProxyDraft) -> Result<Reply, Refusal> {
        let name = required(draft.name, "name")?;
        let upstream = required(draft.upstream, "upstream")?;
        draft::name(&name)?;
        if self.all.contains_key(&name) {
            return Err(Refusal::proxy_exists());
        }
        if self.all.len() >= MOST {
            return Err(Refusal::too_many(format!("{MOST} proxies are the most")));
        }
        let listen = draft.listen.unwrap_or_default();
        let mut proxy = Proxy::new(name, listen, upstream, self.setting.seed)?;
        if draft.enabled.unwrap_or(true) {
            proxy.start(&self.setting, &self.reaches()).await?;
        }
        let reply = Reply::json(201, &proxy.shown());
        self.all.insert(proxy.name.clone(), proxy);
        Ok(reply)
    }

    /// Stops all of them; returns when their conversations have ended.
    pub async fn stop(&mut self) {
        for proxy in self.all.values_mut() {
            proxy.stop().await;
        }
    }

    fn index(&self) -> Reply {
        let shown: BTreeMap<&String, Shown<'_>> =
            self.all.iter().map(|(name, proxy)| (name, proxy.shown())).collect();
        Reply::json(200, &shown)
    }

    /// Toxiproxy's way: what stands there already as the draft says stays as it is.
    async fn populate(&mut self, drafts: Vec<ProxyDraft>) -> Reply {
        for (number, draft) in (1..).zip(&drafts) {
            let empty = |field: &Option<String>| field.as_ref().is_none_or(String::is_empty);
            for (field, missing) in [("name", &draft.name), ("upstream", &draft.upstream)] {
                if empty(missing) {
                    let refusal = Refusal::missing(format!("{field} at proxy {number}"));
                    return populated(Some(refusal), None);
                }
            }
        }
        let (mut names, mut refusal) = (Vec::new(), None);
        for draft in drafts {
            let name = draft.name.clone().unwrap_or_default();
            if let Err(error) = self.add_or_replace(draft).await {
                refusal = Some(error);
                break;
            }
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let shown = names.iter().filter_map(|name| self.all.get(name)).map(Proxy::shown);
        populated(refusal, Some(shown.collect()))
    }

    async fn add_or_replace(&mut self, draft: ProxyDraft) -> Result<(), Refusal> {
        let (name, lookup) = (draft.name.clone().unwrap_or_default(), self.setting.how.lookup);
        if let Some(there) = self.all.get_mut(&name) {
            let listen = draft.listen.clone().unwrap_or_default();
            draft::listen(&listen)?;
            draft::upstream(draft.upstream.as_deref().unwrap_or_default())?;
            if Some(&there.upstream) == draft.upstream.as_ref()
                && there.listens_at(&listen, lookup).await
            {
                return Ok(());
            }
            there.stop().await;
            self.all.remove(&name);
        }
        self.create(draft).await.map(drop)
    }

    async fn reset(&mut self) -> Result<Reply, Refusal> {
        let names: Vec<String> = self.all.keys().cloned().collect();
        for name in names {
            self.start(&name).await?;
            self.get_mut(&name)?.put(Vec::new())?;
        }
        Ok(Reply::nothing())
    }

    async fn update(&mut self, name: &str, draft: ProxyDraft) -> Result<Reply, Refusal> {
        let lookup = self.setting.how.lookup;
        let proxy = self.get_mut(name)?;
        let enabled = draft.enabled.unwrap_or(proxy.runs());
        let listen = draft.listen.unwrap_or_else(|| proxy.listen.clone());
        let upstream = draft.upstream.unwrap_or_else(|| proxy.upstream.clone());
        draft::listen(&listen)?;
        draft::upstream(&upstream)?;
        if !proxy.listens_at(&listen, lookup).await || proxy.upstream != upstream {
            proxy.stop().await;
            (proxy.listen, proxy.upstream) = (listen, upstream);
        }
        if enabled {
            self.start(name).await?;
        } else {
            proxy.stop().await;
        }
        Ok(Reply::json(200, &self.get(name)?.shown()))
    }

    async fn delete(&mut self, name: &str) -> Result<Reply, Refusal> {
        let mut proxy = self.all.remove(name).ok_or_else(Refusal::no_proxy)?;
        proxy.stop().await;
        Ok(Reply::nothing())
    }

    fn add_toxic(&mut self, name: &str, draft: ToxicDraft) -> Result<Reply, Refusal> {
        let proxy = self.get_mut(name)?;
        let toxic = Toxic::new(draft)?;
        if find(proxy, &toxic.name).is_ok() {
            return Err(Refusal::toxic_exists());
        }
        let reply = Reply::json(200, &toxic);
        let mut toxics = proxy.toxics.clone();
        toxics.push(toxic);
        proxy.put(toxics)?;
        Ok(reply)
    }

    fn update_toxic(
        &mut self,
        name: &str,
        toxic: &str,
        draft: ToxicDraft,
    ) -> Result<Reply, Refusal> {
        let proxy = self.get_mut(name)?;
        let changed = find(proxy, toxic)?.with(draft.toxicity, draft.attributes)?;
        let reply = Reply::json(200, &changed);
        let replaced =
            |there: &Toxic| if there.name == toxic { changed.clone() } else { there.clone() };
        proxy.put(proxy.toxics.iter().map(replaced).collect())?;
        Ok(reply)
    }

    fn remove_toxic(&mut self, name: &str, toxic: &str) -> Result<Reply, Refusal> {
        let proxy = self.get_mut(name)?;
        find(proxy, toxic)?;
        let left = proxy.toxics.iter().filter(|there| there.name != toxic);
        proxy.put(left.cloned().collect())?;
        Ok(Reply::nothing())
    }

    async fn start(&mut self, name: &str) -> Result<(), Refusal> {
        let others = self.reaches();
        let proxy = self.all.get_mut(name).ok_or_else(Refusal::no_proxy)?;
        proxy.start(&self.setting, &others).await
    }

    fn reaches(&self) -> Vec<Reach> {
        self.all.values().filter_map(Proxy::reach).cloned().collect()
    }

    fn get(&self, name: &str) -> Result<&Proxy, Refusal> {
        self.all.get(name).ok_or_else(Refusal::no_proxy)
    }

    fn get_mut(&mut self, name: &str) -> Result<&mut Proxy, Refusal> {
        self.all.get_mut(name).ok_or_else(Refusal::no_proxy)
    }
}

fn required(field: Option<String>, name: &str) -> Result<String, Refusal> {
    field.filter(|text| !text.is_empty()).ok_or_else(|| Refusal::missing(name))
}

fn find<'p>(proxy: &'p Proxy, name: &str) -> Result<&'p Toxic, Refusal> {
    proxy.toxics.iter().find(|toxic| toxic.name == name).ok_or_else(Refusal::no_toxic)
}

fn populated(refusal: Option<Refusal>, proxies: Option<Vec<Shown<'_>>>) -> Reply {
    let status = refusal.as_ref().map_or(201, |refusal| refusal.status);
    Reply::json(status, &Populated { refusal, proxies })
}
