import type { MetaFunction } from "@remix-run/cloudflare";
import { teamPage } from "../../access.server.ts";
import { KeysForm } from "../../panels/settings/KeysForm.tsx";
import { SettingsHead } from "../../panels/settings/SettingsHead.tsx";
import { ThemeChoice } from "../../panels/shell/ThemeSwitch.tsx";
import { ZoneForm } from "../../panels/shell/ZoneForm.tsx";
import { Card } from "../../ui/Card.tsx";

export const meta: MetaFunction = () => [{ title: "Appearance · OpsSight" }];

/** Everyone in the team may choose how they see it. */
export const loader = teamPage("settings:own", async () => null);

/** How this browser shows things. The same forms as in the bar. */
export default function Appearance() {
	return (
		<>
			<SettingsHead title="Appearance" about="How this browser shows things to you. Nobody else sees a difference." />
			<div className="grid items-start gap-3.5 xl:grid-cols-2">
				<Card title="Theme">
					<div className="px-1 pb-2">
						<ThemeChoice />
					</div>
				</Card>
				<Card title="Single-letter shortcuts">
					<div className="px-1 pb-2">
						<KeysForm />
					</div>
				</Card>
				<Card title="Time zone">
					<ZoneForm close={stay} />
				</Card>
			</div>
		</>
	);
}

/** In a page there is nothing to close. */
function stay() {}
