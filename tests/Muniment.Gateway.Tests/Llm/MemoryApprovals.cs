using System.Reflection;
using Muniment.Gateway.Deciding;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Tests.Llm;

/// <summary>Approvals that nobody gives.</summary>
internal class MemoryApprovals : DispatchProxy
{
    public static IApprovalStore Create() => DispatchProxy.Create<IApprovalStore, MemoryApprovals>();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name == nameof(IApprovalStore.AskAsync)
        ? Task.FromResult(new ApprovalMessage("approval-1", "required", (ApprovalAsk)args![1]!, 0, null, 0))
        : throw new NotSupportedException(targetMethod.Name);
}
