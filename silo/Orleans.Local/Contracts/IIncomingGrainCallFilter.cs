using System.Reflection;
using Orleans.Runtime;

namespace Orleans;

/// <summary>Sees every call of a grain method before and after it. Here timer ticks do not pass filters; with Microsoft Orleans they do.</summary>
public interface IIncomingGrainCallFilter
{
    /// <summary>Called instead of the method; calls <see cref="IGrainCallContext.Invoke"/> to go on.</summary>
    Task Invoke(IIncomingGrainCallContext context);
}

/// <summary>A call.</summary>
public interface IGrainCallContext
{
    /// <summary>The grain object.</summary>
    object Grain { get; }

    /// <summary>The method of the interface.</summary>
    MethodInfo InterfaceMethod { get; }

    /// <summary>Name of the interface.</summary>
    string InterfaceName { get; }

    /// <summary>Name of the method.</summary>
    string MethodName { get; }

    /// <summary>The calling grain, or null.</summary>
    GrainId? SourceId { get; }

    /// <summary>The called grain.</summary>
    GrainId TargetId { get; }

    /// <summary>The result, once the method has returned; may be replaced.</summary>
    object? Result { get; set; }

    /// <summary>Goes on to the next filter, or the method.</summary>
    Task Invoke();
}

/// <summary>A call as its callee sees it.</summary>
public interface IIncomingGrainCallContext : IGrainCallContext
{
    /// <summary>The method of the class.</summary>
    MethodInfo ImplementationMethod { get; }

    /// <summary>The activation.</summary>
    IGrainContext TargetContext { get; }
}
