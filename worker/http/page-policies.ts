import { isPolicy } from "../domains/auth/model.ts";

/** As much of a page's module as says who may use it. */
type PageModule = { loader?: unknown; action?: unknown };

/** The loaders and actions of a build that do not say who may use them; a page without a loader draws nothing but itself. */
export function pagesWithoutPolicy(routes: Readonly<Record<string, { id: string; module: PageModule } | undefined>>): string[] {
	return Object.values(routes).flatMap((route) => {
		if (!route) return [];
		const { id, module } = route;
		return (["loader", "action"] as const)
			.filter((name) => module[name] !== undefined && !isPolicy((module[name] as { policy?: unknown }).policy))
			.map((name) => `${id} ${name}`);
	});
}
