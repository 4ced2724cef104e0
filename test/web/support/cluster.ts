import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningAgent, startAgent } from "../../../agent/agent.ts";
import type { Step } from "../../../agent/commands/work.ts";
import { makeLog } from "../../../agent/log.ts";
import { agentUser, type KubeDouble, startKubeDouble } from "../../support/kube-double/index.ts";
import { openRig } from "../../support/rig.mjs";
import type { Product, Team } from "./product.ts";

const KUBE_TOKEN = "agent-service-account";

/** A cluster with the program that is installed in real ones, connected to the running product. */
export type Cluster = {
	/** Start an agent; `dieAt` ends it for good at that step, as a killed process ends, and then `ended` resolves. */
	enter: (options?: { dieAt?: Step }) => { agent: RunningAgent; ended: Promise<void> };
	/** Bring a version of checkout that gets ready. */
	deploy: (version: string) => Promise<void>;
	/** Bring a version of checkout that does not, and wait until Kubernetes has given it up. */
	breakIt: (version: string) => Promise<void>;
	/** How often an agent has changed what checkout runs, since the start. */
	patches: () => Promise<number>;
	/** The version that checkout runs. */
	runs: () => Promise<string>;
	end: () => Promise<void>;
};

/** What an agent finds in its pod, and whose it is. */
type Place = { kubeUrl: string; dir: string; kubeToken: () => string };

/** The agents of `team`'s main cluster, as they come and go. */
function agentsOf(product: Product, team: Team, { kubeUrl, dir, kubeToken }: Place) {
	const agents: RunningAgent[] = [];
	const enter: Cluster["enter"] = ({ dieAt } = {}) => {
		let die = () => {};
		const ended = new Promise<void>((done) => {
			die = done;
		});
		const agent: RunningAgent = startAgent({
			settings: { url: new URL(product.url), kubeUrl: new URL(kubeUrl), kubeDir: dir, stateDir: join(dir, "state") },
			version: "test",
			readToken: () => team.agents["main-cluster"] as string,
			readKubeToken: kubeToken,
			log: makeLog({ write: () => {}, now: Date.now, secrets: () => [] }),
			now: () => Math.round(performance.timeOrigin + performance.now()),
			random: Math.random,
			pace: 0.2,
			...(dieAt && {
				step: async (name: Step) => {
					if (name !== dieAt) return;
					void agent.stop();
					die();
					await new Promise<void>(() => {});
				},
			}),
		});
		// One that died in the middle of its work never comes to an end by itself.
		if (!dieAt) agents.push(agent);
		return { agent, ended };
	};
	return { enter, stop: () => Promise.all(agents.map((agent) => agent.stop())) };
}

/** Start a cluster of the double, whose agents speak to `product` as those of `team`'s main cluster. */
export async function startCluster(product: Product, team: Team = product.teams.a): Promise<Cluster & { kube: KubeDouble }> {
	const dir = mkdtempSync(join(tmpdir(), "opssight-cluster-"));
	const kube = await startKubeDouble({ everyMs: 20 });
	kube.addToken(KUBE_TOKEN, agentUser(["shop"]));
	writeFileSync(join(dir, "ca.crt"), kube.ca);
	const { enter, stop } = agentsOf(product, team, { kubeUrl: kube.url, dir, kubeToken: () => KUBE_TOKEN });
	return {
		kube,
		enter,
		deploy: (version) => kube.deploy("checkout", version, { changeCause: `deploy checkout ${version}` }),
		breakIt: (version) => kube.break("checkout", version, { changeCause: `deploy checkout ${version}` }),
		patches: async () =>
			kube
				.patchesOf("checkout", { applied: true })
				.filter(({ body, user }) => user.includes("opssight") && JSON.stringify(body).includes("/spec/template")).length,
		runs: async () => String(kube.find("deployments", "checkout")?.spec.template.spec.containers[0].image.split(":")[1]),
		end: async () => {
			await stop();
			await kube.stop();
			rmSync(dir, { recursive: true, force: true });
		},
	};
}

/** The same in a real control plane, in a namespace of its own. `kubeconfig`: the path to that of an administrator. */
export async function startRealCluster(product: Product, kubeconfig: string, team: Team = product.teams.a): Promise<Cluster> {
	const rig = await openRig(kubeconfig);
	const kubeToken = () => readFileSync(join(rig.dir, "token"), "utf8").trim();
	const { enter, stop } = agentsOf(product, team, { kubeUrl: rig.url, dir: rig.dir, kubeToken });
	/** Revisions that the rig itself made; every other one is an agent's. */
	let own = 0;
	const revisionOf = async () => Number((await rig.deployment()).metadata.annotations["deployment.kubernetes.io/revision"]);
	own = await revisionOf();
	return {
		enter,
		deploy: async (version) => {
			if (version === rig.good) return;
			await rig.deploy(version);
			own += 1;
		},
		breakIt: async (version) => {
			await rig.breakCheckout(version, { wait: true });
			own += 1;
		},
		patches: async () => (await revisionOf()) - own,
		runs: async () => String((await rig.deployment()).spec.template.spec.containers[0].image.split(":")[1]),
		end: async () => {
			await stop();
			await rig.stop();
		},
	};
}
