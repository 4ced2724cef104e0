import { usePreference } from "../../root.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Kbd } from "../../ui/Kbd.tsx";
import { keysOf, SHORTCUTS } from "./shortcuts.ts";

const GROUPS = ["Anywhere", "Go to", "What is shown", "Deployments", "Key figures", "Rows"] as const;

/** Every key, on one sheet. */
export default function KeySheet({
	isOpen,
	isMac,
	onOpenChange,
}: {
	isOpen: boolean;
	isMac: boolean;
	onOpenChange: (isOpen: boolean) => void;
}) {
	const areOff = usePreference("keys") === "off";
	return (
		<Dialog
			open={isOpen}
			onOpenChange={onOpenChange}
			title="Keys"
			description={
				areOff
					? "Single letters and signs are switched off under Settings → Appearance; ⌘K, Enter and Esc work."
					: "Single letters do nothing while you type, and can be switched off under Settings → Appearance."
			}
			wide
		>
			<div className="grid gap-x-8 gap-y-4 sm:grid-cols-2">
				{GROUPS.map((group) => (
					<section key={group} aria-label={group}>
						<h3 className="text-sec font-medium text-t3">{group}</h3>
						<dl className="mt-1">
							{SHORTCUTS.filter((shortcut) => shortcut.group === group).map(({ id, words }) => (
								<div key={id} className="flex min-h-8 items-center justify-between gap-4">
									<dt className="text-body">{words}</dt>
									<dd>
										<Kbd keys={keysOf(id, isMac)} />
									</dd>
								</div>
							))}
						</dl>
					</section>
				))}
			</div>
		</Dialog>
	);
}
