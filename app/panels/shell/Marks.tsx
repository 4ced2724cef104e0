import { Menu } from "../../ui/Menu.tsx";

/** Says that this is not the production installation; nothing there. Goes with the amber bar on top of everything. */
export function EnvironmentMark({ environment }: { environment: string }) {
	if (environment === "production") return null;
	const word = environment === "development" ? "dev" : environment;
	return (
		<span className="badge inline-flex h-5 items-center rounded-badge bg-warn-bg px-1.5 text-sec font-medium whitespace-nowrap text-warn">
			{word} instance
		</span>
	);
}

/** Says that what is shown is made up, and how to be rid of it. */
export function DemoMark() {
	return (
		<Menu
			opener="Demo data"
			openerClass="badge relative flex h-5 items-center after:absolute after:-inset-x-1 after:-inset-y-3 rounded-badge border border-dashed border-ctl px-1.5 text-sec font-medium whitespace-nowrap text-t2 hover:text-t1"
			panelClass="top-full mt-2 w-72 max-sm:right-0 sm:left-0"
		>
			<p className="px-2.5 py-2 text-sec text-t2">
				Some of what this team sees is made up, to show the product. Remove it with{" "}
				<code className="rounded-badge bg-s2 px-1 font-mono whitespace-nowrap text-t1">npm run seed -- --remove</code>. Real runs stay.
			</p>
		</Menu>
	);
}
