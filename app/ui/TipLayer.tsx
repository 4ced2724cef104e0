import { lazy, Suspense, useEffect, useState } from "react";
import { type Tip, watchTips } from "./tips.ts";

const TipBox = lazy(() => import("./TipBox.tsx"));

/** Shows the tip of whatever carries `data-tip`, one line each line. Once in a page; what draws it is loaded with the first tip. */
export function TipLayer() {
	const [tip, setTip] = useState<Tip | null>(null);
	useEffect(() => watchTips(setTip), []);
	if (!tip) return null;
	return (
		<Suspense fallback={null}>
			<TipBox tip={tip} />
		</Suspense>
	);
}
