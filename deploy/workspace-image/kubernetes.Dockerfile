# The image of workspaces in a Kubernetes cluster: that of the classes docker and
# gvisor, and in it what those get from their machine. kubernetes.sh builds it.
ARG BASE=atrium-workspace
FROM ${BASE}
COPY vscode /opt/vscode
COPY workspace-keeper /opt/workspace-keeper
