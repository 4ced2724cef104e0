import { ThemeSwitch } from "../shell/ThemeSwitch.tsx";
import { Badges } from "./Badges.tsx";
import { Charts } from "./Charts.tsx";
import { Controls } from "./Controls.tsx";
import { Deployments } from "./Deployments.tsx";
import { Figures } from "./Figures.tsx";
import { Floating } from "./Floating.tsx";
import { Icons } from "./Icons.tsx";
import { PanelStates } from "./PanelStates.tsx";

/** Every part of app/ui in every state, in groups. `now` is the loader's clock reading, epoch ms. */
export function Gallery({ now }: { now: number }) {
	return (
		<main id="main" tabIndex={-1} className="mx-auto max-w-[1440px] px-4 pt-4 pb-16 outline-none sm:px-6">
			<header className="mb-4 flex items-center gap-3">
				<h1 className="text-verdict font-semibold">States and parts</h1>
				<div className="ml-auto">
					<ThemeSwitch />
				</div>
			</header>
			<div className="grid gap-x-3.5 gap-y-5 md:grid-cols-2 xl:grid-cols-3">
				<Badges />
				<PanelStates now={now} />
				<Controls />
				<Floating />
				<Figures now={now} />
				<Charts now={now} />
				<Deployments now={now} />
				<Icons />
			</div>
		</main>
	);
}
