import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningAgent, startAgent } from "../../../agent/agent.ts";
import type { Step } from "../../../agent/commands/work.ts";
import { makeLog } from "../../../agent/log.ts";
import { agentUser, type KubeDouble, startKubeDouble } from "../../support/kube-double/index.ts";
import type { Product, Team } from "./product.ts";

const KUBE_TOKEN = "agent-service-account";

/** A cluster of the double with the program that is installed in real ones, connected to the running product. */
export type Cluster = {
	kube: KubeDouble;
	/** Start an agent; `dieAt` ends it for good at that step, as a killed process ends, and then `ended` resolves. */
	enter: (options?: { dieAt?: Step }) => { agent: RunningAgent; ended: Promise<void> };
	/** Patches that changed what the workload runs, and were carried out. */
	changes: (name: string) => unknown[];
	image: (name: string) => string;
	end: () => Promise<void>;
};

/** Start a cluster whose agents speak to `product` as those of `team`'s main cluster. */
export async function startCluster(product: Product, team: Team = product.teams.a): Promise<Cluster> {
	const dir = mkdtempSync(join(tmpdir(), "opssight-cluster-"));
	const kube = await startKubeDouble({ everyMs: 20 });
	kube.addToken(KUBE_TOKEN, agentUser(["shop"]));
	writeFileSync(join(dir, "ca.crt"), kube.ca);
	const agents: RunningAgent[] = [];
	const enter: Cluster["enter"] = ({ dieAt } = {}) => {
		let die = () => {};
		const ended = new Promise<void>((done) => {
			die = done;
		});
		const agent: RunningAgent = startAgent({
			settings: { url: new URL(product.url), kubeUrl: new URL(kube.url), kubeDir: dir, stateDir: join(dir, "state") },
			version: "test",
			readToken: () => team.agents["main-cluster"] as string,
			readKubeToken: () => KUBE_TOKEN,
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
	return {
		kube,
		enter,
		changes: (name) =>
			kube
				.patchesOf(name, { applied: true })
				.filter(({ body, user }) => user.includes("opssight") && JSON.stringify(body).includes("/spec/template")),
		image: (name) => String(kube.find("deployments", name)?.spec.template.spec.containers[0].image.split(":")[1]),
		end: async () => {
			await Promise.all(agents.map((agent) => agent.stop()));
			await kube.stop();
			rmSync(dir, { recursive: true, force: true });
		},
	};
}
