// The small mount: hands selection, settings and exact figures to the stage of the same name, whichever of the two came first.
export default function ({ data }) {
  const hub = (window.__routescope ??= { stages: {}, nudges: {} });
  hub.nudges[data.mount] = data;
  hub.stages[data.mount]?.(data);
}
