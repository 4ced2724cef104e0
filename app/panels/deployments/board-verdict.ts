import type { EnvironmentState } from "#worker/wire/deployments";
import type { Tone } from "../runs/Verdict.tsx";

/** The board's first sentence: the worst that is known, and where. */
export function boardVerdict(environments: readonly EnvironmentState[]): { sentence: string; tone: Tone } {
	const all = environments.flatMap((environment) => environment.components.map((component) => ({ environment, component })));
	if (all.length === 0) return { sentence: "Nothing has been deployed yet", tone: "unknown" };
	const bad = all.filter(({ component }) => component.health === "failing");
	const first = bad.find(({ environment }) => environment.settings.isProduction) ?? bad[0];
	if (first) {
		const more = bad.length - 1;
		const others = more === 0 ? "" : `, and ${more} more ${more === 1 ? "component is" : "components are"} failing`;
		return { sentence: `${first.component.component} is failing in ${first.environment.name}${others}`, tone: "failing" };
	}
	const weak = all.find(({ component }) => component.health === "degraded");
	if (weak) return { sentence: `${weak.component.component} is degraded in ${weak.environment.name}`, tone: "degraded" };
	const moving = all.filter(({ component }) => component.health === "deploying");
	if (moving[0]) {
		const { component, environment } = moving[0];
		const isBack = environment.rollback?.component === component.component && environment.rollback.finishedAt === null;
		const doing = isBack ? "rolled back in" : "deployed to";
		const words = moving.length === 1 ? `${component.component} is being ${doing} ${environment.name}` : null;
		return { sentence: words ?? `${moving.length} deployments are under way`, tone: "running" };
	}
	const silent = all.filter(({ component }) => component.health === "unknown").length;
	if (silent === all.length) return { sentence: "Versions are known; no cluster says how they run", tone: "unknown" };
	if (silent > 0)
		return { sentence: `${all.length - silent} of ${all.length} components are healthy; no cluster tells of the others`, tone: "quiet" };
	const other = all.filter(({ component }) => component.mismatch !== null).length;
	if (other > 0) {
		if (all.length === 1) return { sentence: "The only component is healthy, in another version than was deployed", tone: "quiet" };
		const runs = other === 1 ? "one runs" : `${other} run`;
		return { sentence: `All ${all.length} components are healthy; ${runs} another version than was deployed`, tone: "quiet" };
	}
	return {
		sentence: all.length === 1 ? "The only component is healthy" : `All quiet: ${all.length} components run as deployed`,
		tone: "quiet",
	};
}
