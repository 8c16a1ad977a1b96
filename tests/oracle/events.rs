//! What happens in a random history.

use super::edits::{PATHS, lines};
use super::random::Random;
use super::rules::Rules;
use super::world::{Entry, Files, Style, World, file, put};

/// How many of the paths there are in the beginning, in a hundred.
const PRESENT: usize = 70;
/// The branches of agents.
const BRANCHES: &[&str] = &[
    "agent/core",
    "agent/core-two",
    "agent/ui",
    "agent/docs",
    "agent/ops",
];

/// What makes one history differ from another.
pub(super) struct Story {
    pub world: World,
    pub random: Random,
    /// How often somebody does what must not be done, in a hundred.
    pub mischief: usize,
    /// How many texts were written.
    pub version: usize,
}

impl Story {
    /// The history of this number, cut off after so many steps.
    pub(super) fn tell(seed: u64, steps: usize) -> World {
        let mut random = Random::new(seed);
        let rules = Rules::random(&mut random);
        let mut files = Files::new();
        for path in PATHS {
            if random.percent(PRESENT) {
                put(&mut files, path, lines(path, 0, 0));
            }
        }
        let mischief = [0, 3, 10, 40][random.below(4)];
        let length = 4 + random.below(16);
        let mut story = Self {
            world: World::new(rules, files),
            random,
            mischief,
            version: 0,
        };
        for _ in 0..length.min(steps) {
            story.step();
        }
        if story.random.percent(2) {
            let tagged = story.any_branch();
            story
                .world
                .tagged
                .extend((tagged != "main").then_some(tagged));
        }
        story.world
    }

    fn step(&mut self) {
        match self.random.below(100) {
            0..=44 => self.work(),
            45..=54 => self.target_advances(),
            55..=64 => self.merge_into_branch(),
            65..=70 => self.land(),
            71..=74 => self.rewrite(),
            75..=79 => self.cross(),
            80..=82 => self.octopus(),
            83..=85 => self.second_root(),
            86..=89 => self.revert(),
            90..=94 => self.pick_a_cherry(),
            95..=96 => self.squash(),
            97 => self.move_branch(),
            _ => self.unusual_manifest(),
        }
    }

    fn tip(&self, branch: &str) -> usize {
        self.world.branches[branch]
    }

    fn set(&mut self, branch: &str, node: usize) {
        self.world.branches.insert(branch.to_owned(), node);
    }

    /// The name of any branch that there is.
    fn any_branch(&mut self) -> String {
        let names: Vec<_> = self.world.branches.keys().cloned().collect();
        self.random.pick(&names)
    }

    /// Some agent's branch and agent; the branch is made if need be, on top of what it may build on.
    fn agent_branch(&mut self) -> (String, usize) {
        let branch = self.random.pick(BRANCHES);
        let agent = self.world.rules.agent_of(branch).expect("an agent");
        if !self.world.branches.contains_key(branch) {
            let mut from = vec![self.tip("main")];
            for on in self.world.rules.dependencies(agent) {
                let names = self.world.rules.agents[on].branches.iter();
                from.extend(names.filter_map(|name| self.world.branches.get(*name)));
            }
            let mut from = self.random.pick(&from);
            // Sometimes of an older commit.
            if self.random.percent(20)
                && let Some(parent) = self.world.nodes[from].parents.first()
            {
                from = *parent;
            }
            self.set(branch, from);
        }
        (branch.to_owned(), agent)
    }

    /// One more commit on `branch`. The target keeps its rules, whatever else is in it.
    fn add(&mut self, branch: &str, parents: Vec<usize>, mut files: Files) -> usize {
        let rules =
            |entry: &Entry| entry.mode == "100644" && entry.content.starts_with("version: 1");
        if branch == "main" && !files.get("ownership.yaml").is_some_and(rules) {
            put(&mut files, "ownership.yaml", file(self.world.rules.yaml()));
        }
        let node = self.world.commit(parents, files);
        self.set(branch, node);
        node
    }

    fn work(&mut self) {
        let (branch, agent) = self.agent_branch();
        let tip = self.tip(&branch);
        let mut files = self.world.files(tip).clone();
        for _ in 0..=self.random.below(3) {
            self.edit(&mut files, Some(agent));
        }
        self.add(&branch, vec![tip], files);
    }

    fn target_advances(&mut self) {
        let tip = self.tip("main");
        let mut files = self.world.files(tip).clone();
        for _ in 0..=self.random.below(4) {
            self.edit(&mut files, None);
        }
        self.add("main", vec![tip], files);
    }

    fn style(&mut self) -> Style {
        let styles = [Style::Ours, Style::Theirs, Style::Mixed];
        if self.random.percent(self.mischief.max(10)) {
            self.random.pick(&styles)
        } else {
            Style::Honest
        }
    }

    /// A merge commit on `branch`, evil sometimes.
    fn merge(&mut self, branch: &str, others: &[usize], agent: Option<usize>) -> usize {
        let mut parents = vec![self.tip(branch)];
        let mut files = self.world.files(parents[0]).clone();
        for other in others {
            let style = self.style();
            files = if parents.len() == 1 {
                self.world
                    .merged(parents[0], *other, style, &mut self.random)
            } else {
                // On top of what the merge holds so far.
                let so_far = self.world.commit(parents.clone(), files);
                self.world.merged(so_far, *other, style, &mut self.random)
            };
            parents.push(*other);
        }
        if self.random.percent(self.mischief) {
            self.edit(&mut files, agent);
        }
        self.add(branch, parents, files)
    }

    fn merge_into_branch(&mut self) {
        let (branch, agent) = self.agent_branch();
        let from = if self.random.percent(60) {
            "main".to_owned()
        } else {
            self.any_branch()
        };
        let other = self.tip(&from);
        self.merge(&branch, &[other], Some(agent));
    }

    /// A branch comes into the target by gate's own merge, or by a person's.
    fn land(&mut self) {
        let branch = self.any_branch();
        let Some(agent) = self.world.rules.agent_of(&branch) else {
            return;
        };
        let tip = self.tip(&branch);
        let target = self.tip("main");
        let files = self
            .world
            .merged(target, tip, Style::Honest, &mut self.random);
        let node = self.add("main", vec![target, tip], files);
        if self.random.percent(75) {
            self.world.nodes[node].delivers = Some(self.world.rules.agents[agent].name);
        }
    }

    /// The last commit of a branch is made anew, so that whoever built on it carries the old one.
    fn rewrite(&mut self) {
        let (branch, agent) = self.agent_branch();
        let tip = self.tip(&branch);
        let parents = self.world.nodes[tip].parents.clone();
        let mut files = self.world.files(tip).clone();
        self.edit(&mut files, Some(agent));
        if !parents.is_empty() {
            self.add(&branch, parents, files);
        }
    }

    /// The branch and the target merge each other as they were, so that there are two merge bases.
    fn cross(&mut self) {
        let (branch, agent) = self.agent_branch();
        self.work_on(&branch, agent);
        self.target_advances();
        let (tip, target) = (self.tip(&branch), self.tip("main"));
        self.merge(&branch, &[target], Some(agent));
        self.merge("main", &[tip], None);
        if self.random.percent(50) {
            self.work_on(&branch, agent);
        }
    }

    fn work_on(&mut self, branch: &str, agent: usize) {
        let tip = self.tip(branch);
        let mut files = self.world.files(tip).clone();
        self.edit(&mut files, Some(agent));
        self.add(branch, vec![tip], files);
    }

    fn octopus(&mut self) {
        let (branch, agent) = self.agent_branch();
        let others: Vec<_> = (0..2).map(|_| self.any_branch()).collect();
        let others: Vec<_> = others.iter().map(|other| self.tip(other)).collect();
        let own = self.tip(&branch);
        if others[0] != others[1] && !others.contains(&own) {
            self.merge(&branch, &others, Some(agent));
        }
    }

    /// Something without a past comes into a branch, or into the target and then into a branch.
    fn second_root(&mut self) {
        let (branch, agent) = self.agent_branch();
        let mut files = Files::new();
        for _ in 0..=self.random.below(2) {
            let path = self.path(Some(agent));
            self.version += 1;
            put(&mut files, path, lines(path, 0, self.version));
        }
        let root = self.world.commit(Vec::new(), files);
        match self.random.below(4) {
            0 => self.set(&branch, root),
            1 => _ = self.merge(&branch, &[root], Some(agent)),
            _ => {
                self.merge("main", &[root], None);
                self.merge(&branch, &[root], Some(agent));
            }
        }
    }

    /// What the last commit did is taken back.
    fn revert(&mut self) {
        let (branch, _) = self.agent_branch();
        let tip = self.tip(&branch);
        let Some(parent) = self.world.nodes[tip].parents.first() else {
            return;
        };
        let files = self.world.files(*parent).clone();
        self.add(&branch, vec![tip], files);
    }

    /// What the last commit of another branch did is done again.
    fn pick_a_cherry(&mut self) {
        let (branch, _) = self.agent_branch();
        let from = self.any_branch();
        let (tip, picked) = (self.tip(&branch), self.tip(&from));
        let Some(parent) = self.world.nodes[picked].parents.first() else {
            return;
        };
        let mut files = self.world.files(tip).clone();
        let (before, after) = (self.world.files(*parent), self.world.files(picked));
        for path in before.keys().chain(after.keys()) {
            match (before.get(path), after.get(path)) {
                (old, Some(new)) if old != Some(new) => put(&mut files, path, new.clone()),
                (Some(_), None) => _ = files.remove(path),
                _ => {}
            }
        }
        self.add(&branch, vec![tip], files);
    }

    /// The work of a branch comes into the target as one commit of its own.
    fn squash(&mut self) {
        let branch = self.any_branch();
        let (target, tip) = (self.tip("main"), self.tip(&branch));
        let files = self
            .world
            .merged(target, tip, Style::Honest, &mut self.random);
        self.add("main", vec![target], files);
    }

    fn move_branch(&mut self) {
        let (branch, _) = self.agent_branch();
        if self.random.percent(50) {
            self.world.branches.remove(&branch);
        } else {
            let node = self.random.below(self.world.nodes.len());
            self.set(&branch, node);
        }
    }

    /// An agent changes the manifest, well or badly.
    fn unusual_manifest(&mut self) {
        let (branch, _) = self.agent_branch();
        let tip = self.tip(&branch);
        let mut files = self.world.files(tip).clone();
        let rules = self.world.rules.yaml();
        match self.random.below(4) {
            0 => _ = files.remove("ownership.yaml"),
            1 => put(&mut files, "ownership.yaml", file("version: 2\n".into())),
            _ => put(
                &mut files,
                "ownership.yaml",
                file(format!("{rules}# more\n")),
            ),
        }
        self.add(&branch, vec![tip], files);
    }
}
