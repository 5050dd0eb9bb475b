using System.Reflection;
using Orleans.Local.Activations;
using Orleans.Runtime;

namespace Orleans.Local.Calls;

/// <summary>A call on its way through the filters: the registered ones in order, then the grain itself if it is one, then the method.</summary>
internal sealed class FilteredCall : IIncomingGrainCallContext
{
    private readonly Activation _activation;
    private readonly Request _request;
    private readonly object?[] _arguments;
    private readonly Func<object?[], Task<object?>> _method;
    private readonly IIncomingGrainCallFilter[] _filters;
    private int _stage;

    private FilteredCall(Activation activation, Request request, MethodInfo interfaceMethod, object?[] arguments, Func<object?[], Task<object?>> method)
    {
        (_activation, _request, InterfaceMethod, _arguments, _method) = (activation, request, interfaceMethod, arguments, method);
        _filters = activation.GrainInstance is IIncomingGrainCallFilter own ? [.. activation.Silo.Filters, own] : activation.Silo.Filters;
    }

    public object Grain => _activation.GrainInstance!;

    public MethodInfo InterfaceMethod { get; }

    public MethodInfo ImplementationMethod
    {
        get
        {
            InterfaceMapping map = Grain.GetType().GetInterfaceMap(InterfaceMethod.DeclaringType!);
            return map.TargetMethods[Array.IndexOf(map.InterfaceMethods, InterfaceMethod)];
        }
    }

    public string InterfaceName => InterfaceMethod.DeclaringType!.FullName!;

    public string MethodName => InterfaceMethod.Name;

    public GrainId? SourceId => _request.Source;

    public GrainId TargetId => _activation.GrainId;

    public IGrainContext TargetContext => _activation;

    public object? Result { get; set; }

    public static async Task<object?> RunAsync(
        Activation activation, Request request, MethodInfo interfaceMethod, object?[] arguments, Func<object?[], Task<object?>> method)
    {
        FilteredCall call = new(activation, request, interfaceMethod, arguments, method);
        await call.Invoke();
        return call.Result;
    }

    public async Task Invoke()
    {
        int stage = _stage++;
        if (stage < _filters.Length) await _filters[stage].Invoke(this);
        else if (stage == _filters.Length) Result = await _method(_arguments);
        else throw new InvalidOperationException("Invoke was called twice by one filter.");
    }
}
