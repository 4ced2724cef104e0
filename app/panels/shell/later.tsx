import { type ComponentType, type ReactNode, useEffect, useState } from "react";

/**
 * A part of a page that is loaded when it is first drawn. Unlike `lazy`, a load that fails takes nothing else away: `failed` stands in
 * its place, and drawing it again tries again.
 */
export function later<P extends object>(
	load: () => Promise<{ default: ComponentType<P> }>,
	failed: (props: P) => ReactNode,
): ComponentType<P> {
	let Part: ComponentType<P> | null = null;
	return function Later(props: P) {
		const [state, setState] = useState<"loading" | "here" | "failed">(Part ? "here" : "loading");
		// Being drawn anew, with new props, is what tries again.
		useEffect(() => {
			if (Part) return;
			let isGone = false;
			load().then(
				(loaded) => {
					Part = loaded.default;
					if (!isGone) setState("here");
				},
				() => {
					if (!isGone) setState("failed");
				},
			);
			return () => {
				isGone = true;
			};
		}, [props]);
		if (Part) return <Part {...props} />;
		return state === "failed" ? failed(props) : null;
	};
}
