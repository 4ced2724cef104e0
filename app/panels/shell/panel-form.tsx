import type { ComponentType } from "react";
import { later } from "./later.tsx";
import PanelForms, { type PanelFormProps } from "./PanelForms.tsx";

const load = () => import("./PanelForms.tsx");

/** The forms of the frame. A server draws them at once, for windows without scripts; a browser loads them when one opens. */
export const PanelForm: ComponentType<PanelFormProps> = import.meta.env.SSR
	? PanelForms
	: later(load, () => <p className="p-3 text-sec text-t2">This could not be loaded. Check the connection, close it and open it again.</p>);

/** Fetch them ahead: someone points at a button that opens one. */
export function preloadPanelForm(): void {
	load().catch(() => {
		// Opening it tries again, and says so if that fails too.
	});
}
