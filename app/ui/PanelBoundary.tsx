import { Component, type ReactNode } from "react";
import { ErrorPanel } from "./ErrorCard.tsx";

type BoundaryProps = { name: string; children: ReactNode };

/** Keeps an error in drawing one panel inside that panel. `name` is the panel's, as its title says it. */
export class PanelBoundary extends Component<BoundaryProps, { hasFailed: boolean }> {
	override state = { hasFailed: false };

	static getDerivedStateFromError() {
		return { hasFailed: true };
	}

	override render() {
		const { name, children } = this.props;
		if (!this.state.hasFailed) return children;
		// It broke in this browser, so the log of the server has no id for it.
		return <ErrorPanel what={name} requestId={null} onRetry={() => this.setState({ hasFailed: false })} />;
	}
}
